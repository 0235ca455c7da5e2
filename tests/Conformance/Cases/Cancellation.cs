using Grpc.Core;

namespace Anywire.Conformance;

public abstract partial class ConformanceSuite
{
    [Fact]
    public async Task Cancelling_the_token_reaches_the_handler_and_ends_the_call()
    {
        var stage = await OpenAsync();
        var (started, told) = WaitForCancel(stage);
        using var cancel = new CancellationTokenSource();
        using var call = stage.Calls.UnaryAsync(new Item(), cancellationToken: cancel.Token);
        await started.Soon();
        await cancel.CancelAsync();
        var error = await Wait.FailsAsync(StatusCode.Cancelled, () => call.ResponseAsync);
        await told.Soon();
        Assert.Equal(StatusCode.Cancelled, call.GetStatus().StatusCode);
        Assert.EndsWith("/Unary", RemoteFailure.MethodOf(error), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Disposing_the_call_reaches_the_handler_and_ends_the_call()
    {
        var stage = await OpenAsync();
        var (started, told) = WaitForCancel(stage);
        var call = stage.Calls.UnaryAsync(new Item());
        await started.Soon();
        call.Dispose();
        await Wait.FailsAsync(StatusCode.Cancelled, () => call.ResponseAsync);
        await told.Soon();
    }

    [Fact]
    public async Task Disposing_a_call_that_has_ended_changes_nothing()
    {
        var stage = await OpenAsync();
        CancellationToken token = default;
        stage.Handlers.Unary = (item, context) =>
        {
            token = context.CancellationToken;
            return Task.FromResult(item.Clone());
        };
        var call = stage.Calls.UnaryAsync(new Item());
        await call.ResponseAsync.Soon();
        call.Dispose();
        call.Dispose();
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
        await stage.Calls.UnaryAsync(new Item(), cancellationToken: CancellationToken.None).ResponseAsync.Soon();
    }

    [Fact]
    public async Task A_token_cancelled_beforehand_keeps_the_handler_from_running()
    {
        var stage = await OpenAsync();
        var ran = 0;
        stage.Handlers.Unary = (item, _) =>
        {
            Interlocked.Increment(ref ran);
            return Task.FromResult(item.Clone());
        };
        var cancelled = new CancellationToken(canceled: true);
        await Wait.FailsAsync(StatusCode.Cancelled, () => stage.Calls.UnaryAsync(new Item(), cancellationToken: cancelled).ResponseAsync);
        await stage.Calls.UnaryAsync(new Item()).ResponseAsync.Soon();
        Assert.Equal(1, ran);
    }

    [Fact]
    public async Task A_token_cancelled_beforehand_keeps_a_streams_handler_from_running()
    {
        Needs(CallKinds.ServerStreaming);
        var stage = await OpenAsync();
        var ran = 0;
        stage.Handlers.ServerStream = (item, writer, _) =>
        {
            Interlocked.Increment(ref ran);
            return writer.WriteAsync(item.Clone());
        };
        using var never = stage.Calls.ServerStream(new Item(), cancellationToken: new CancellationToken(canceled: true));
        await Wait.FailsAsync(StatusCode.Cancelled, () => never.ResponseStream.MoveNext(default));
        using var call = stage.Calls.ServerStream(new Item());
        await call.ResponseStream.ToListAsync();
        Assert.Equal(1, ran);
    }

    [Fact]
    public async Task A_handler_may_cancel_the_call_itself()
    {
        var stage = await OpenAsync();
        stage.Handlers.Unary = (_, _) => throw new RpcException(new Status(StatusCode.Cancelled, "Not today."));
        var error = await Wait.FailsAsync(StatusCode.Cancelled, () => stage.Calls.UnaryAsync(new Item()).ResponseAsync);
        Assert.Equal("Not today.", error.Status.Detail);
    }

    [Fact]
    public async Task A_handlers_own_token_is_not_the_callers()
    {
        var stage = await OpenAsync();
        stage.Handlers.Unary = (_, _) => throw new OperationCanceledException(Secret);
        AssertNothingLeaks(await Wait.FailsAsync(StatusCode.Unknown, () => stage.Calls.UnaryAsync(new Item()).ResponseAsync), stage);
    }

    [Fact]
    public async Task Cancelling_a_server_stream_ends_both_sides()
    {
        Needs(CallKinds.ServerStreaming);
        var stage = await OpenAsync();
        var told = new TaskCompletionSource();
        stage.Handlers.ServerStream = async (item, writer, context) =>
        {
            try
            {
                while (true)
                {
                    await writer.WriteAsync(item.Clone(), context.CancellationToken);
                }
            }
            finally
            {
                told.TrySetResult();
            }
        };
        using var cancel = new CancellationTokenSource();
        using var call = stage.Calls.ServerStream(new Item(), cancellationToken: cancel.Token);
        Assert.True(await call.ResponseStream.MoveNext(default).Soon());
        await cancel.CancelAsync();
        await told.Task.Soon();
        await Wait.FailsAsync(StatusCode.Cancelled, async () =>
        {
            while (await call.ResponseStream.MoveNext(default))
            {
                // What was under way may still come.
            }
        });
        await Wait.UntilAsync(() => stage.Server.CallsInFlight == 0, "the handler has gone");
    }

    [Fact]
    public async Task A_caller_that_leaves_a_duplex_stream_half_way_frees_the_handler()
    {
        Needs(CallKinds.DuplexStreaming);
        var stage = await OpenAsync();
        var call = stage.Calls.Duplex();
        await call.RequestStream.WriteAsync(new Item { Number = 1 }).Soon();
        Assert.True(await call.ResponseStream.MoveNext(default).Soon());
        Assert.Equal(1, stage.Server.CallsInFlight);
        call.Dispose();
        await Wait.UntilAsync(() => stage.Server.CallsInFlight == 0, "the handler has gone");
    }

    [Fact]
    public async Task A_caller_that_leaves_a_client_stream_half_way_frees_the_handler()
    {
        Needs(CallKinds.ClientStreaming);
        var stage = await OpenAsync();
        var call = stage.Calls.ClientStream();
        await call.RequestStream.WriteAsync(new Item { Number = 1 }).Soon();
        await Wait.UntilAsync(() => stage.Server.CallsInFlight == 1, "the handler runs");
        call.Dispose();
        await Wait.FailsAsync(StatusCode.Cancelled, () => call.ResponseAsync);
        await Wait.UntilAsync(() => stage.Server.CallsInFlight == 0, "the handler has gone");
    }

    [Fact]
    public async Task A_reader_that_gives_up_waiting_gives_up_the_call()
    {
        Needs(CallKinds.ServerStreaming);
        var stage = await OpenAsync();
        stage.Handlers.ServerStream = async (_, _, context) => await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.CancellationToken);
        using var call = stage.Calls.ServerStream(new Item());
        using var patience = new CancellationTokenSource();
        var moving = call.ResponseStream.MoveNext(patience.Token);
        await Wait.UntilAsync(() => stage.Server.CallsInFlight == 1, "the handler runs");
        await patience.CancelAsync();
        await Wait.FailsAsync(StatusCode.Cancelled, () => moving);
        await Wait.UntilAsync(() => stage.Server.CallsInFlight == 0, "the handler has gone");
    }

    [Fact]
    public async Task Cancelling_one_call_leaves_the_others()
    {
        var stage = await OpenAsync();
        var release = new TaskCompletionSource();
        stage.Handlers.Unary = async (item, context) =>
        {
            await release.Task.WaitAsync(context.CancellationToken);
            return item.Clone();
        };
        using var cancel = new CancellationTokenSource();
        using var first = stage.Calls.UnaryAsync(new Item(), cancellationToken: cancel.Token);
        using var second = stage.Calls.UnaryAsync(new Item { Number = 2 });
        await Wait.UntilAsync(() => stage.Server.CallsInFlight == 2, "both run");
        await cancel.CancelAsync();
        await Wait.FailsAsync(StatusCode.Cancelled, () => first.ResponseAsync);
        release.SetResult();
        Assert.Equal(2, (await second.ResponseAsync.Soon()).Number);
    }

    [Fact]
    public async Task Closing_the_client_ends_its_calls()
    {
        var stage = await OpenAsync();
        var (started, told) = WaitForCancel(stage);
        var client = stage.Connect("passing-by");
        var call = new Calls.CallsClient(client.Invoker).UnaryAsync(new Item());
        await started.Soon();
        await client.DisposeAsync().AsTask().Soon();
        await Wait.FailsAsync(() => call.ResponseAsync);
        await told.Soon();
    }

    /// <summary>The handler of <c>Unary</c> waits until it is told that its call is cancelled.</summary>
    private static (Task Started, Task Told) WaitForCancel(Stage stage)
    {
        var (started, told) = (new TaskCompletionSource(), new TaskCompletionSource());
        stage.Handlers.Unary = async (item, context) =>
        {
            started.TrySetResult();
            try
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.CancellationToken);
            }
            finally
            {
                told.TrySetResult();
            }
            return item;
        };
        return (started.Task, told.Task);
    }
}
