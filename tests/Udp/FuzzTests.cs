using System.Net;
using System.Net.Sockets;
using Anywire.Udp.Format;
using Anywire.Udp.Server;
using Anywire.Udp.Sockets;
using CsCheck;
using Microsoft.Extensions.Logging.Abstractions;
using Twite.Faults;

namespace Anywire.Udp.Tests;

/// <summary>Datagrams of any bytes, and messages that are nearly right, given to a server as its socket would: nothing but the refusal that is stated, and no memory for what they claim.</summary>
public sealed class FuzzTests
{
    // A few calls that are answered, and now and then a batch to answer with, which is used again.
    private const long MostBytesEach = 192 * 1024;

    private static readonly long Inputs = LongForm.IsRequested ? 10_000_000 : 100_000;

    private static readonly Gen<byte[]> Noise = Gen.Byte.Array[0, Datagram.MaxBytes];

    private static readonly Gen<byte[]> NearlyRight = Gen.Select(Gen.Byte[0, 11], Gen.UShort[0, 80], Gen.Int[0, 3].Select(i => new[] { "Say", "Note", "Shout", "None" }[i]), Gen.Byte.Array[0, 80], Gen.Bool)
        .Select((kind, claimed, method, rest, isHonest) =>
        {
            var writer = new MessageWriter();
            writer.Begin((MessageKind)kind);
            if ((MessageKind)kind is MessageKind.Request or MessageKind.Cancel)
            {
                writer.UInt64(claimed);
            }
            if ((MessageKind)kind == MessageKind.Request)
            {
                writer.UInt32((uint)claimed * 100);
            }
            if ((MessageKind)kind is MessageKind.Request or MessageKind.Event)
            {
                writer.UInt32(MethodId.Of($"/anywire.udp.tests.Echo/{method}"));
            }
            writer.Bytes(rest);
            var message = writer.Finish().ToArray();
            if (!isHonest)
            {
                (message[1], message[2]) = ((byte)(claimed >> 8), (byte)claimed);
            }
            return message;
        })
        .Array[1, 6].Select(messages => messages.SelectMany(m => m).ToArray());

    [Fact]
    public async Task Any_bytes_are_refused_or_understood()
    {
        await using var server = await ListenAsync();
        var fuzzed = new Fuzzed(server);
        Noise.Sample(fuzzed.TakeDatagram, iter: Inputs / 2, threads: 1);
        NearlyRight.Sample(fuzzed.TakeMessages, iter: Inputs / 2, threads: 1);
        Assert.True(fuzzed.Taken > Inputs / 10, $"Only {fuzzed.Taken:N0} messages were understood: nearly right is not near enough.");
    }

    private static async Task<UdpServer> ListenAsync() => await UdpServer.ListenAsync(
        new TransportServerOptions
        {
            Endpoint = Endpoint.Parse("udp://127.0.0.1:0"),
            Bind = static binder => Echo.BindService(binder, new ForgetfulEcho()),
            Contracts = EchoBed.Contracts,
            Limits = new ServerLimits(),
            Loggers = NullLoggerFactory.Instance,
            Time = TimeProvider.System,
        },
        CancellationToken.None);

    private sealed class Fuzzed
    {
        private readonly UdpServer _server;
        private readonly MessageReader _reader = new();
        private readonly PeerAddress _from;
        private readonly Socket _caller = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        private ServerSession _session;
        private ulong _instance = 7;
        private ulong _counter;

        public Fuzzed(UdpServer server)
        {
            (_server, _session) = (server, server.Open(null, null, instance: _instance)!);
            _caller.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            _from = new PeerAddress(_caller.LocalEndPoint!.Serialize());
        }

        public long Taken { get; private set; }

        public void TakeMessages(byte[] messages)
        {
            if (_session.HasEnded)
            {
                // Among the messages was that its caller has gone.
                (_session, _counter) = (_server.Open(null, null, instance: ++_instance)!, 0);
            }
            var datagram = new byte[Datagram.HeadBytes + messages.Length];
            new Datagram(DatagramKind.Plain, 0, _session.Id, _counter++).Write(datagram);
            messages.CopyTo(datagram, Datagram.HeadBytes);
            TakeDatagram(datagram);
        }

        public void TakeDatagram(byte[] datagram)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                if (_server.Open(datagram, _from, _reader))
                {
                    while (_reader.MoveNext())
                    {
                        _server.Take(_reader);
                        Taken++;
                    }
                }
            }
            catch (MalformedMessageException problem)
            {
                _server.Refuse(problem);
            }
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MostBytesEach);
        }
    }

    private sealed class ForgetfulEcho : Echo.EchoBase
    {
        public override Task<Word> Say(Word request, Grpc.Core.ServerCallContext context) => Task.FromResult(request);

        public override Task<Google.Protobuf.WellKnownTypes.Empty> Note(Word request, Grpc.Core.ServerCallContext context) =>
            Task.FromResult(new Google.Protobuf.WellKnownTypes.Empty());

        public override Task<Google.Protobuf.WellKnownTypes.Empty> Shout(Word request, Grpc.Core.ServerCallContext context) => Note(request, context);
    }
}
