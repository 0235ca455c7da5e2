using System.Net;
using System.Net.Sockets;
using Anywire.Udp.Format;
using Anywire.Udp.Sealing;
using Anywire.Udp.Sessions;
using Anywire.Udp.Sockets;

namespace Anywire.Udp.Tests;

/// <summary>What the system says of datagrams that went before, and anybody can make it say (ICMP), costs a sealed session none of those that go now.</summary>
public sealed class RefusedSendTests
{
    [Fact]
    public void One_that_was_not_delivered_keeps_no_other_back()
    {
        using var nobody = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        nobody.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        using var socket = UdpSocket.Connect((IPEndPoint)nobody.LocalEndPoint!);
        nobody.Dispose();
        var seals = new Seals(new KeyAgreement(Cipher.Aes256Gcm, "caller", "handler", 1), isCaller: true);
        seals.Install(1, new byte[KeyAgreement.SecretBytes], new byte[KeyAgreement.SecretBytes], sendAtOnce: true);
        var session = new SendingSession(seals, socket);
        Assert.Null(session.Say());
        // On loopback the answer to that is here already.
        Assert.Null(session.Say());
    }

    private sealed class SendingSession(Seals seals, UdpSocket socket) : Session(1, seals, socket, new BatchPool(most: 1))
    {
        protected override PeerAddress? Remote => null;

        public SocketException? Say()
        {
            var batch = Pool.Rent();
            Assert.True(batch.TryAdd(new byte[] { (byte)MessageKind.Probe, 0, 0 }));
            return Send(batch);
        }
    }
}
