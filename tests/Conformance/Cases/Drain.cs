using Grpc.Core;

namespace Anywire.Conformance;

public abstract partial class ConformanceSuite
{
    private static readonly RetryOptions Once = new() { MaxAttempts = 1 };

    [Fact]
    public async Task Stopping_answers_what_was_accepted_and_refuses_the_rest()
    {
        var stage = await OpenAsync(new StageOptions { Retry = Once });
        var (release, ran) = (new TaskCompletionSource(), 0);
        stage.Handlers.Unary = async (item, _) =>
        {
            Interlocked.Increment(ref ran);
            await release.Task;
            return item.Clone();
        };
        var accepted = stage.Calls.UnaryAsync(new Item { Number = 1 }).ResponseAsync;
        await Wait.UntilAsync(() => Volatile.Read(ref ran) == 1, "the call is accepted");
        var stopping = stage.Server.StopAsync(CancellationToken.None);
        Assert.True(stage.Server.IsDraining);
        var refused = await Wait.FailsAsync(StatusCode.Unavailable, () => stage.Calls.UnaryAsync(new Item()).ResponseAsync);
        Assert.True(NotExecuted.IsMarked(refused), "It is not marked as not executed.");
        Assert.False(stopping.IsCompleted);
        release.SetResult();
        Assert.Equal(1, (await accepted.Soon()).Number);
        await stopping.Soon();
        Assert.Equal(1, ran);
    }

    [Fact]
    public async Task Stopping_lets_a_stream_come_to_its_end()
    {
        Needs(CallKinds.DuplexStreaming);
        var stage = await OpenAsync(new StageOptions { Retry = Once });
        using var call = stage.Calls.Duplex();
        await call.RequestStream.WriteAsync(new Item { Number = 1 }).Soon();
        Assert.True(await call.ResponseStream.MoveNext(default).Soon());
        var stopping = stage.Server.StopAsync(CancellationToken.None);
        using var refused = stage.Calls.Duplex();
        Assert.True(NotExecuted.IsMarked(await Wait.FailsAsync(StatusCode.Unavailable, () => refused.ResponseStream.MoveNext(default))));
        await call.RequestStream.WriteAsync(new Item { Number = 2 }).Soon();
        Assert.True(await call.ResponseStream.MoveNext(default).Soon());
        Assert.False(stopping.IsCompleted);
        await call.RequestStream.CompleteAsync().Soon();
        Assert.False(await call.ResponseStream.MoveNext(default).Soon());
        await stopping.Soon();
    }

    [Fact]
    public async Task Stopping_does_not_wait_for_ever()
    {
        var stage = await OpenAsync(new StageOptions { Limits = new ServerLimits { DrainTimeout = Short } });
        var release = new TaskCompletionSource();
        stage.Handlers.Unary = async (item, _) =>
        {
            await release.Task;
            return item.Clone();
        };
        var stuck = stage.Calls.UnaryAsync(new Item()).ResponseAsync;
        await Wait.UntilAsync(() => stage.Server.CallsInFlight == 1, "the call is accepted");
        await stage.Server.StopAsync(CancellationToken.None).Soon();
        await Wait.FailsAsync(StatusCode.Unavailable, () => stuck);
        release.SetResult();
    }

    [Fact]
    public async Task A_server_that_is_idle_stops_at_once_and_again()
    {
        var stage = await OpenAsync();
        await stage.Calls.UnaryAsync(new Item()).ResponseAsync.Soon();
        await stage.Server.StopAsync(CancellationToken.None).Soon();
        await stage.Server.DisposeAsync().AsTask().Soon();
        await stage.Server.DisposeAsync().AsTask().Soon();
    }

    [Fact]
    public async Task A_peer_that_goes_away_ends_the_call_unavailable()
    {
        var stage = await OpenAsync();
        var never = new TaskCompletionSource<Item>();
        stage.Handlers.Unary = (_, _) => never.Task;
        using var call = stage.Calls.UnaryAsync(new Item());
        await Wait.UntilAsync(() => stage.Server.CallsInFlight == 1, "the handler runs");
        await stage.Server.DisposeAsync().AsTask().Soon();
        var error = await Wait.FailsAsync(StatusCode.Unavailable, () => call.ResponseAsync);
        Assert.False(NotExecuted.IsMarked(error), "Its handler has run.");
        never.SetResult(new Item());
    }

    [Fact]
    public async Task A_peer_that_goes_away_ends_the_stream_unavailable()
    {
        Needs(CallKinds.DuplexStreaming);
        var stage = await OpenAsync();
        using var call = stage.Calls.Duplex();
        await call.RequestStream.WriteAsync(new Item()).Soon();
        Assert.True(await call.ResponseStream.MoveNext(default).Soon());
        var closing = stage.Server.DisposeAsync().AsTask();
        await Wait.FailsAsync(StatusCode.Unavailable, () => call.ResponseStream.MoveNext(default));
        await closing.Soon();
    }

    [Fact]
    public async Task Where_nobody_listens_a_call_is_unavailable_at_once()
    {
        var stage = await OpenAsync(new StageOptions { Listening = false, Retry = Once });
        var error = await Wait.FailsAsync(StatusCode.Unavailable, () => stage.Calls.UnaryAsync(new Item()).ResponseAsync);
        Assert.True(NotExecuted.IsMarked(error), "It is not marked as not executed.");
    }

    [Fact]
    public async Task Where_nobody_listens_a_stream_is_unavailable_at_once()
    {
        Needs(CallKinds.ServerStreaming);
        var stage = await OpenAsync(new StageOptions { Listening = false, Retry = Once });
        using var down = stage.Calls.ServerStream(new Item());
        Assert.True(NotExecuted.IsMarked(await Wait.FailsAsync(StatusCode.Unavailable, () => down.ResponseStream.MoveNext(default))));
        if (!Carries(CallKinds.All))
        {
            return;
        }
        using var up = stage.Calls.ClientStream();
        Assert.True(NotExecuted.IsMarked(await Wait.FailsAsync(StatusCode.Unavailable, () => up.ResponseAsync)));
        using var both = stage.Calls.Duplex();
        Assert.True(NotExecuted.IsMarked(await Wait.FailsAsync(StatusCode.Unavailable, () => both.ResponseStream.MoveNext(default))));
    }

    [Fact]
    public async Task Where_nobody_listens_connecting_says_so()
    {
        var stage = await OpenAsync(new StageOptions { Listening = false });
        await Wait.FailsAsync(StatusCode.Unavailable, () => stage.Client.ConnectAsync(CancellationToken.None));
        await stage.ListenAsync();
        await using var client = stage.Connect("tester");
        await client.ConnectAsync(CancellationToken.None).Soon();
    }

    [Fact]
    public async Task A_server_that_comes_back_on_its_address_is_found_again()
    {
        var stage = await OpenAsync(new StageOptions { Retry = new RetryOptions { MaxAttempts = 100, MaxDelay = TimeSpan.FromMilliseconds(200), BudgetReserve = 1_000 } });
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(i, (await stage.Calls.IdempotentAsync(new Item { Number = i }).ResponseAsync.Soon()).Number);
            await stage.Server.StopAsync(CancellationToken.None).Soon();
            await stage.Server.DisposeAsync().AsTask().Soon();
            await Wait.FailsAsync(StatusCode.Unavailable, () => new Calls.CallsClient(stage.Connect("other", Once).Invoker).UnaryAsync(new Item()).ResponseAsync);
            await stage.ListenAsync();
        }
        Assert.Equal(9, (await stage.Calls.IdempotentAsync(new Item { Number = 9 }).ResponseAsync.Soon()).Number);
    }

    [Fact]
    public async Task An_address_is_listened_on_by_one_server_only()
    {
        SkipUnless(!Wire.Traits.SharesAddresses, $"over {Wire.Traits.Name} replicas share an address");
        var stage = await OpenAsync();
        var error = await Assert.ThrowsAsync<IOException>(() => stage.ListenAsync());
        Assert.Contains(stage.Address.ToString(), error.Message, StringComparison.Ordinal);
        await stage.Calls.UnaryAsync(new Item()).ResponseAsync.Soon();
    }
}
