using System.Net.Security;
using System.Net.Sockets;
using Anywire.Tcp.Tests.Bed;

namespace Anywire.Tcp.Tests;

/// <summary>Those who are let in over TLS and then break it.</summary>
public sealed class BrokenTlsTests
{
    [Theory]
    // A record of data that nobody sealed; one larger than there are; an alert; a second hello; what is no TLS at all.
    [InlineData("17 0303 0020 0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("17 0303 FFFF 00")]
    [InlineData("15 0303 0002 0228")]
    [InlineData("16 0301 0004 01000000")]
    [InlineData("47 45 54 20 2F 0D 0A")]
    public async Task They_are_closed_and_their_calls_given_up(string bytes)
    {
        await using var bed = await TcpBed.OpenAsync("tcps");
        var told = new TaskCompletionSource();
        bed.Service.Before = async (line, context) =>
        {
            if (line.Text == "hi")
            {
                context.CancellationToken.Register(told.SetResult);
                await told.Task;
            }
        };
        var credentials = bed.Authority.For("tester");
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(System.Net.IPAddress.Loopback, bed.Endpoint.Port);
        await using var secured = new SslStream(new NetworkStream(socket));
        await secured.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "echo", ClientCertificates = [credentials.Certificate], CertificateChainPolicy = credentials.ChainPolicy(),
        }).Soon();
        await secured.WriteAsync(RawPeer.Bytes(RawPeer.Hello + RawPeer.Method("Say") + RawPeer.Call(1, "0A 02 68 69")));
        await secured.ReadExactlyAsync(new byte[22]).AsTask().Soon();
        await Wait.UntilAsync(() => bed.Server.CallsInFlight == 1, "its call is under way");
        await socket.SendAsync(RawPeer.Bytes(bytes)).Soon();
        if (bytes.StartsWith("17 0303 FFFF", StringComparison.Ordinal) || bytes.StartsWith("47", StringComparison.Ordinal))
        {
            // It may wait for the rest of that.
            socket.Shutdown(SocketShutdown.Send);
        }
        await told.Task.Soon();
        await Wait.UntilAsync(() => bed.Server.CallsInFlight == 0, "nothing is left of it");
        await bed.AssertServesAsync();
        Assert.DoesNotContain("Code that ran on a connection's reading thread failed", bed.Log.Text, StringComparison.Ordinal);
    }
}
