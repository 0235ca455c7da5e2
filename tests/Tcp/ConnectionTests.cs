using Anywire.Tcp.Tests.Bed;
using Grpc.Core;

namespace Anywire.Tcp.Tests;

/// <summary>Connections that come, go and fall silent.</summary>
public sealed class ConnectionTests
{
    [Fact]
    public async Task A_peer_that_falls_silent_is_given_up_on_both_sides()
    {
        var options = new TcpOptions { HeartbeatDelay = TimeSpan.FromMilliseconds(300), HeartbeatTimeout = TimeSpan.FromSeconds(1) };
        await using var bed = await TcpBed.OpenAsync(options: options);
        await using var relay = new Relay(bed.Endpoint.Port);
        var entered = new TaskCompletionSource();
        var told = new TaskCompletionSource();
        bed.Service.Before = async (line, context) =>
        {
            if (line.Text == "wait")
            {
                context.CancellationToken.Register(told.SetResult);
                entered.SetResult();
                await told.Task;
            }
        };
        var call = bed.Connect([relay.Endpoint]).SayAsync(new Line { Text = "wait" });
        await entered.Task.Soon();
        relay.Hold();
        var error = await Wait.FailsAsync(StatusCode.Unavailable, () => call.ResponseAsync);
        Assert.Contains("nothing was heard", error.Status.Detail, StringComparison.Ordinal);
        await told.Task.Soon();
        await bed.AssertServesAsync();
    }

    [Fact]
    public async Task A_connection_that_only_waits_is_kept()
    {
        var options = new TcpOptions { HeartbeatDelay = TimeSpan.FromMilliseconds(500), HeartbeatTimeout = TimeSpan.FromSeconds(5) };
        await using var bed = await TcpBed.OpenAsync(options: options);
        var release = new TaskCompletionSource();
        bed.Service.Before = (line, _) => line.Text == "wait" ? release.Task : Task.CompletedTask;
        var call = bed.Client.SayAsync(new Line { Text = "wait" });
        using var peer = bed.Dial();
        await peer.GreetAsync();
        // Eleven pings take longer than the timeout.
        for (var i = 0; i < 11; i++)
        {
            var (kind, _, _, payload) = await peer.ReceiveAsync();
            Assert.Equal(10, kind);
            await peer.SendAsync(RawPeer.Frame(11, 0, 0, Convert.ToHexString(payload)));
        }
        release.SetResult();
        await call.ResponseAsync.Soon();
    }

    [Fact]
    public async Task What_a_stopping_server_refuses_goes_to_another_at_once()
    {
        await using var bed = await TcpBed.OpenAsync();
        var (other, endpoint) = await bed.ListenAsync();
        var client = bed.Connect([bed.Endpoint, endpoint]);
        var release = new TaskCompletionSource();
        bed.Service.Before = (line, _) => line.Text == "wait" ? release.Task : Task.CompletedTask;
        var calls = new List<AsyncUnaryCall<Line>>();
        await Wait.UntilAsync(
            () =>
            {
                calls.Add(client.SayAsync(new Line { Text = "wait" }));
                return bed.Server.CallsInFlight > 0 && other.CallsInFlight > 0;
            },
            "one waits at each, so both are connected");
        var stopping = other.StopAsync(CancellationToken.None);
        // It refuses while it waits for its own; nobody tries again by itself here, so each of these would fail.
        for (var i = 0; i < 20; i++)
        {
            await client.SayAsync(new Line()).ResponseAsync.Soon();
        }
        release.SetResult();
        await Task.WhenAll(calls.Select(c => c.ResponseAsync)).Soon();
        await stopping.Soon();
        for (var i = 0; i < 20; i++)
        {
            await client.SayAsync(new Line()).ResponseAsync.Soon();
        }
    }

    [Fact]
    public async Task Work_is_spread_evenly_and_an_address_that_is_away_is_left_out()
    {
        await using var bed = await TcpBed.OpenAsync();
        var (other, endpoint) = await bed.ListenAsync();
        var client = bed.Connect([bed.Endpoint, endpoint], retry: new RetryOptions());
        using var together = new Barrier(2);
        bed.Service.Before = (line, _) => line.Text == "meet" ? Task.Run(() => together.SignalAndWait()) : Task.CompletedTask;
        // Until both are connected, and then each of two has one.
        await Task.WhenAll(client.SayAsync(new Line { Text = "meet" }).ResponseAsync, client.SayAsync(new Line { Text = "meet" }).ResponseAsync).Soon();
        await other.DisposeAsync();
        for (var i = 0; i < 100; i++)
        {
            await client.SayAsync(new Line()).ResponseAsync.Soon();
        }
    }

    [Fact]
    public async Task A_full_connection_refuses_at_once()
    {
        await using var bed = await TcpBed.OpenAsync(options: new TcpOptions { MaxCallsPerConnection = 2 });
        var release = new TaskCompletionSource();
        bed.Service.Before = (line, _) => line.Text == "wait" ? release.Task : Task.CompletedTask;
        await bed.AssertServesAsync();
        var waiting = new[] { bed.Client.SayAsync(new Line { Text = "wait" }), bed.Client.SayAsync(new Line { Text = "wait" }) };
        var error = await Wait.FailsAsync(StatusCode.ResourceExhausted, () => bed.Client.SayAsync(new Line()).ResponseAsync);
        Assert.Contains("2 calls", error.Status.Detail, StringComparison.Ordinal);
        release.SetResult();
        await Task.WhenAll(waiting.Select(c => c.ResponseAsync)).Soon();
        await bed.AssertServesAsync();
    }

    [Fact]
    public async Task Large_answers_hold_up_no_small_ones()
    {
        await using var bed = await TcpBed.OpenAsync();
        var body = Google.Protobuf.ByteString.CopyFrom(new byte[4_000_000]);
        using var stop = new CancellationTokenSource();
        var large = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                Assert.Equal(body.Length, (await bed.Client.SayAsync(new Line { Body = body })).Body.Length);
            }
        })).ToList();
        await bed.AssertServesAsync();
        await stop.CancelAsync();
        await Task.WhenAll(large).Soon();
    }
}
