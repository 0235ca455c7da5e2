using System.Diagnostics;
using System.Net;
using Anywire.Udp.Client;
using Grpc.Core;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Anywire.Udp.Tests;

/// <summary>A way on which datagrams are lost and the control connection lives, as behind a firewall that knows TCP only.</summary>
public sealed class ArrivalsTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly FakeTimeProvider _time = new();
    private readonly Arrivals _arrivals;

    public ArrivalsTests() => _arrivals = new Arrivals(_time);

    [Fact]
    public void What_is_silent_because_nothing_is_said_is_left_alone()
    {
        for (var i = 0; i < 100; i++)
        {
            Assert.False(Look(sent: 7, arrived: 7, received: 3, waits: false, out var problem));
            Assert.Null(problem);
        }
    }

    [Fact]
    public void A_last_datagram_that_was_lost_is_probed_for_and_no_more()
    {
        Assert.False(Look(sent: 7, arrived: 6, received: 3, waits: false, out _));
        Assert.True(Look(sent: 7, arrived: 6, received: 3, waits: false, out var problem));
        Assert.Null(problem);
        Assert.False(Look(sent: 15, arrived: 15, received: 4, waits: false, out _));
    }

    [Theory, InlineData(true), InlineData(false)]
    public void Either_way_is_given_up_after_the_third_look_in_vain(bool arrives)
    {
        var sent = 10ul;
        Assert.False(Look(sent, arrived: 9, received: 5, waits: true, out var problem));
        for (var look = 1; look <= 3; look++)
        {
            sent += 8;
            Assert.Null(problem);
            Assert.True(Look(sent, arrives ? sent : 9, received: 5, waits: true, out problem));
        }
        Assert.NotNull(problem);
    }

    [Fact]
    public void What_was_held_up_and_comes_together_is_no_silence()
    {
        Assert.False(Look(sent: 10, arrived: 10, received: 5, waits: true, out _));
        // Somebody asks again meanwhile, and what is said of that comes in the same moment as what was said before.
        Assert.False(Look(sent: 12, arrived: 10, received: 6, waits: true, out _));
        for (var together = 0; together < 5; together++)
        {
            Assert.False(_arrivals.Look(sent: 20, arrived: 10, received: 6, waits: true, out var problem));
            Assert.Null(problem);
        }
        // None of that counts: what was sent before the last look that does has come.
        Assert.False(Look(sent: 20, arrived: 12, received: 7, waits: true, out _));
        Assert.True(Look(sent: 28, arrived: 12, received: 7, waits: true, out _));
    }

    [Fact]
    public async Task A_connection_without_datagrams_is_none()
    {
        await using var bed = await EchoBed.StartAsync();
        await using var relay = new DatagramRelay(bed.Endpoint.Port) { Percent = 100 };
        var error = await Wait.FailsAsync(StatusCode.Unavailable, () => bed.Call(relay.Port).SayAsync(new Word(), deadline: After(20)).ResponseAsync);
        Assert.True(NotExecuted.IsMarked(error));
        Assert.Contains("let UDP through", error.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_without_datagrams_gives_way_when_its_part_of_the_time_is_over()
    {
        await using var bed = await EchoBed.StartAsync();
        await using var relay = new DatagramRelay(bed.Endpoint.Port) { Percent = 100 };
        var credentials = bed.Authority.For("tester");
        var connector = new SealedConnector(
            new TransportClientOptions
            {
                Endpoints = [bed.Endpoint], Service = "echo", Caller = "tester", Contracts = EchoBed.Contracts, Credentials = credentials, Loggers = NullLoggerFactory.Instance, Time = TimeProvider.System,
            },
            credentials, NullLogger.Instance);
        using var patience = new CancellationTokenSource();
        var isMute = false;
        var first = connector.OpenAsync(bed.Endpoint, new IPEndPoint(IPAddress.Loopback, relay.Port), () => isMute = true, patience.Token);
        await Wait.UntilAsync(() => relay.Lost > 0, "datagrams are lost there");
        await patience.CancelAsync();
        // That is what lets the next be tried.
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first.Soon());
        Assert.True(isMute);
        var session = await connector.OpenAsync(bed.Endpoint, new IPEndPoint(IPAddress.Loopback, bed.Endpoint.Port), () => isMute = false, CancellationToken.None).Soon();
        Assert.True(isMute && !session.HasEnded);
        await session.DisposeAsync();
    }

    [Fact]
    public async Task When_only_datagrams_fall_silent_it_is_found_within_ten_seconds()
    {
        await using var bed = await EchoBed.StartAsync();
        await using var relay = new DatagramRelay(bed.Endpoint.Port);
        var echo = bed.Call(relay.Port);
        await echo.SayAsync(new Word()).ResponseAsync.Soon();
        relay.Percent = 100;
        var since = Stopwatch.GetTimestamp();
        var error = await Wait.FailsAsync(StatusCode.Unavailable, () => echo.SayAsync(new Word(), deadline: After(30)).ResponseAsync);
        Assert.InRange(Stopwatch.GetElapsedTime(since), TimeSpan.Zero, TimeSpan.FromSeconds(12));
        Assert.False(NotExecuted.IsMarked(error), "It may have been executed.");
    }

    private bool Look(ulong sent, ulong arrived, ulong received, bool waits, out string? problem)
    {
        _time.Advance(Interval);
        return _arrivals.Look(sent, arrived, received, waits, out problem);
    }

    private static DateTime After(int seconds) => TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(seconds);
}
