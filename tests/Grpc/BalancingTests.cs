using Anywire.Certificates;
using Grpc.Core;

namespace Anywire.Grpc.Tests;

/// <summary>Several addresses of one service: balance, failover, drain.</summary>
public sealed class BalancingTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly TestAuthority _cluster = new();
    private EchoServer _first = null!;
    private EchoServer _second = null!;

    public async ValueTask InitializeAsync()
    {
        _first = await EchoServer.StartAsync(_cluster.For("echo"), name: "first");
        _second = await EchoServer.StartAsync(_cluster.For("echo"), name: "second");
    }

    public async ValueTask DisposeAsync()
    {
        await _first.DisposeAsync();
        await _second.DisposeAsync();
        _cluster.Dispose();
    }

    [Fact]
    public async Task Two_servers_get_the_same_number_of_calls_within_a_tenth()
    {
        await using var client = Connect();
        var echo = new Echo.EchoClient(client.Invoker);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            for (var i = 0; i < 50; i++)
            {
                await echo.SayAsync(new Word());
            }
        }));
        Assert.Equal(400, _first.Calls + _second.Calls);
        Assert.InRange(_first.Calls, 180, 220);
    }

    [Fact]
    public async Task A_caller_that_always_makes_the_same_calls_in_the_same_order_spreads_each_of_them()
    {
        await using var client = Connect();
        var echo = new Echo.EchoClient(client.Invoker);
        var (asked, said) = (new List<string>(), new List<string>());
        for (var i = 0; i < 20; i++)
        {
            asked.Add((await echo.AskAsync(new Word())).Text);
            said.Add((await echo.SayAsync(new Word())).Text);
        }
        Assert.Equal(10, asked.Count(a => a == "first"));
        Assert.Equal(10, said.Count(a => a == "first"));
    }

    [Fact]
    public async Task When_one_dies_no_later_call_fails_and_when_it_is_back_it_gets_its_share_again()
    {
        // A call that dies with its connection may have been executed: only one that may be tried again survives that.
        await using var client = Connect();
        var echo = new Echo.EchoClient(client.Invoker);
        await echo.AskAsync(new Word());
        await echo.AskAsync(new Word());

        await _first.DisposeAsync();
        for (var i = 0; i < 100; i++)
        {
            Assert.Equal("second", (await echo.AskAsync(new Word())).Text);
        }

        await using var back = await EchoServer.StartAsync(_cluster.For("echo"), _first.Endpoint.ToString(), "back");
        using var patience = new CancellationTokenSource(Patience);
        while ((await echo.AskAsync(new Word(), cancellationToken: patience.Token)).Text != "back")
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, patience.Token);
        }
        string[] answers = [(await echo.AskAsync(new Word())).Text, (await echo.AskAsync(new Word())).Text];
        Assert.Equal(["back", "second"], answers.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task When_none_can_be_reached_the_failure_says_so_and_that_nothing_was_done()
    {
        await _first.DisposeAsync();
        await _second.DisposeAsync();
        await using var client = Connect();
        var error = await Assert.ThrowsAsync<RpcException>(async () => await new Echo.EchoClient(client.Invoker).SayAsync(new Word()));
        Assert.Equal(StatusCode.Unavailable, error.StatusCode);
        Assert.True(NotExecuted.IsMarked(error));
        Assert.Matches(@"^echo at grpcs://127\.0\.0\.1:\d+ cannot be reached: .*\.$", error.Status.Detail);
    }

    [Fact]
    public async Task One_of_two_stops_under_load_without_a_failed_call()
    {
        // Say is not idempotent: a failure without proof that nothing was done would surface.
        await using var client = Connect();
        var echo = new Echo.EchoClient(client.Invoker);
        using var enough = new CancellationTokenSource();
        var callers = Enumerable.Range(0, 32).Select(async _ =>
        {
            var calls = 0;
            while (!enough.IsCancellationRequested)
            {
                await echo.SayAsync(new Word());
                calls++;
            }
            return calls;
        }).ToArray();
        await WaitUntilAsync(() => _first.Calls > 200 && _second.Calls > 200);

        await _first.StopAsync();

        var then = _second.Calls;
        await WaitUntilAsync(() => _second.Calls > then + 200);
        await enough.CancelAsync();
        var answered = await Task.WhenAll(callers);
        Assert.Equal(_first.Calls + _second.Calls, answered.Sum());
    }

    [Fact]
    public async Task Many_calls_at_once_use_as_many_connections_as_they_need()
    {
        await using var server = await EchoServer.StartAsync(_cluster.For("echo"), grpc: new GrpcOptions { MaxStreamsPerConnection = 10 });
        await using var client = EchoServer.Connect(_cluster.For("friend"), [server.Endpoint]);
        var echo = new Echo.EchoClient(client.Invoker);
        using var enough = new CancellationTokenSource();
        var held = Enumerable.Range(0, 35).Select(_ => echo.HoldAsync(new Word(), cancellationToken: enough.Token).ResponseAsync).ToArray();
        await WaitUntilAsync(() => server.Calls == 35);
        await enough.CancelAsync();
        var ends = await Task.WhenAll(held.Select(h => h.ContinueWith(t => t.Exception?.InnerException, TaskScheduler.Default)));
        Assert.All(ends, e => Assert.Equal(StatusCode.Cancelled, Assert.IsType<RpcException>(e).StatusCode));
    }

    private AnywireClient Connect() => EchoServer.Connect(_cluster.For("friend"), [_first.Endpoint, _second.Endpoint]);

    private static async Task WaitUntilAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!condition())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, patience.Token);
        }
    }
}
