using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Anywire.Udp.Client;
using Anywire.Udp.Format;
using Anywire.Udp.Sockets;
using Grpc.Core;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Anywire.Udp.Tests;

/// <summary>What waits for room goes once there is some, whoever looked for it last.</summary>
public sealed class RoomTests
{
    private const int Window = 48;
    private const int Body = 997;
    private const int Rounds = 20_000;
    private const uint Session = 1;

    private static byte[] Message => [(byte)MessageKind.Event, Body >> 8, Body & 0xFF, .. new byte[Body]];

    [Fact]
    public void Room_that_is_made_while_the_thread_that_receives_looks_for_it_is_used()
    {
        using var handler = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 10_000 };
        handler.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var endpoint = Endpoint.Parse($"udp://127.0.0.1:{((IPEndPoint)handler.LocalEndPoint!).Port}");
        // A clock that stands: nothing is sent because some time has passed.
        var time = new FakeTimeProvider();
        var session = new ClientSession(Session, endpoint, UdpSocket.Connect((IPEndPoint)handler.LocalEndPoint!), seals: null, Window, new TransportClientOptions
        {
            Endpoints = [endpoint], Service = "echo", Caller = "tester", Contracts = EchoBed.Contracts, Loggers = NullLoggerFactory.Instance, Time = time,
        });
        try
        {
            session.Start();
            var call = new SayingCall(() => session.Add(Message));
            session.Begin(call, time.GetTimestamp());
            EndPoint caller = new IPEndPoint(IPAddress.Any, 0);
            var datagram = new byte[2_000];
            for (var sent = 1; sent <= Window; sent++)
            {
                Assert.NotEqual(0, handler.ReceiveFrom(datagram, ref caller));
                Assert.True(sent == Window || session.Add(Message));
            }
            var random = new Random(4711);
            for (var round = 0; round < Rounds; round++)
            {
                handler.SendTo(Headers(call.Id, (ulong)round), caller);
                var since = Stopwatch.GetTimestamp();
                while (call.Heard <= round)
                {
                    // No sleep, for it takes longer than what is to be met.
                    Assert.True(Stopwatch.GetElapsedTime(since) < TimeSpan.FromSeconds(10));
                }
                Thread.SpinWait(random.Next(100));
                do
                {
                    // For one more than are on their way.
                    session.TakeCounters(session.NextCounter - Window + 1);
                    handler.ReceiveFrom(datagram, ref caller);
                }
                while (datagram[Datagram.HeadBytes] != (byte)MessageKind.Event);
            }
        }
        finally
        {
            session.Lose("the end");
            session.Release();
        }
    }

    private static byte[] Headers(ulong call, ulong counter)
    {
        var datagram = new byte[Datagram.HeadBytes + 12];
        new Datagram(DatagramKind.Plain, 0, Session, counter).Write(datagram);
        datagram[Datagram.HeadBytes] = (byte)MessageKind.Headers;
        datagram[Datagram.HeadBytes + 2] = 9;
        BinaryPrimitives.WriteUInt64BigEndian(datagram.AsSpan(Datagram.HeadBytes + 3), call);
        return datagram;
    }

    /// <summary>Says something on the thread that receives whenever headers come.</summary>
    private sealed class SayingCall : PendingCall
    {
        private readonly Func<bool> _say;
        private int _heard;

        public SayingCall(Func<bool> say)
        {
            _say = say;
            Hold([(byte)MessageKind.Request, 0, 17, .. new byte[17]]);
        }

        public int Heard => Volatile.Read(ref _heard);

        public override void TakeHandled() => throw new NotSupportedException();

        public override void TakeEnd(MessageReader end) => throw new NotSupportedException();

        public override void TakeHeaders(Metadata headers)
        {
            Assert.True(_say());
            Interlocked.Increment(ref _heard);
        }

        public override void Fail(Status status, Metadata? trailers = null)
        {
            // The end.
        }
    }
}
