using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Anywire.Udp.Client;
using Anywire.Udp.Format;
using Anywire.Udp.Sockets;
using Microsoft.Extensions.Logging.Abstractions;

namespace Anywire.Udp.Tests;

/// <summary>A session that ends in the middle of something leaves nothing behind.</summary>
public sealed class LostSessionTests
{
    private const int Window = 48;
    private const int Body = 997;

    private static byte[] Message => [(byte)MessageKind.Event, Body >> 8, Body & 0xFF, .. new byte[Body]];

    [Fact]
    public async Task One_that_is_lost_while_it_waits_for_room_is_let_go()
    {
        var sessions = Enumerable.Range(0, 20).Select(_ => LoseOne()).ToList();
        await Wait.UntilAsync(
            () =>
            {
                // A thread that still runs would keep it.
                GC.Collect();
                return sessions.TrueForAll(static s => !s.TryGetTarget(out _));
            },
            "none is kept");
    }

    [Fact]
    public async Task One_that_is_lost_before_a_datagram_came_is_not_waited_for()
    {
        using var silent = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        var session = Open((IPEndPoint)silent.Client.LocalEndPoint!);
        session.Start();
        var proving = session.ProveAsync(TestContext.Current.CancellationToken);
        await silent.ReceiveAsync().Soon();
        session.Lose("it was started again");
        await Assert.ThrowsAsync<UnreachableException>(() => proving.Soon());
        session.Release();
    }

    [Theory, InlineData(SocketError.ConnectionRefused), InlineData(SocketError.ConnectionReset)]
    public void One_whose_handler_does_not_listen_any_more_is_lost_however_the_system_says_it(SocketError error)
    {
        using var silent = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        var session = Open((IPEndPoint)silent.Client.LocalEndPoint!);
        session.Failed(new SocketException((int)error));
        Assert.True(session.HasEnded);
        session.Release();
    }

    [Fact]
    public void What_waited_when_one_was_lost_is_counted()
    {
        using var silent = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        var session = Open((IPEndPoint)silent.Client.LocalEndPoint!);
        var events = 0;
        // Nothing goes, for it was not started.
        while (session.Add(Message))
        {
            events++;
        }
        session.Lose("the other side is gone");
        var lost = 0L;
        using var listener = new MeterListener
        {
            InstrumentPublished = static (instrument, l) =>
            {
                if (instrument.Name == "anywire.datagrams.lost")
                {
                    l.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) =>
        {
            var all = tags.ToArray();
            if (all.Contains(new KeyValuePair<string, object?>("where", "sender")) && all.Contains(new KeyValuePair<string, object?>("anywire.socket", $"echo at {session.Endpoint}")))
            {
                lost += value;
            }
        });
        listener.Start();
        listener.RecordObservableInstruments();
        session.Release();
        Assert.NotEqual(0, events);
        // One to a datagram.
        Assert.Equal(events, lost);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference<ClientSession> LoseOne()
    {
        using var silent = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 5_000 };
        silent.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var to = (IPEndPoint)silent.LocalEndPoint!;
        var session = Open(to);
        session.Start();
        while (session.Add(Message))
        {
            // Until more waits than it takes.
        }
        var datagram = new byte[2_000];
        for (var came = 0; came < Window; came++)
        {
            silent.Receive(datagram);
        }
        // All that may be on its way is: it waits for a report, or is about to.
        session.Lose("the other side is gone");
        session.Release();
        return new WeakReference<ClientSession>(session);
    }

    private static ClientSession Open(IPEndPoint to)
    {
        var endpoint = Endpoint.Parse($"udp://127.0.0.1:{to.Port}");
        return new ClientSession(1, endpoint, UdpSocket.Connect(to), seals: null, Window, new TransportClientOptions
        {
            Endpoints = [endpoint], Service = "echo", Caller = "tester", Contracts = EchoBed.Contracts, Loggers = NullLoggerFactory.Instance, Time = TimeProvider.System,
        });
    }
}
