using Grpc.Core;

namespace Anywire.Conformance;

/// <summary>What other subjects show with streams both ways, for the streams that every wire with streams has.</summary>
public abstract partial class ConformanceSuite
{
    [Fact]
    public async Task Stopping_lets_a_server_stream_come_to_its_end()
    {
        Needs(CallKinds.ServerStreaming);
        var (stage, release) = await OpenHeldStreamAsync(new StageOptions { Retry = Once });
        using var call = stage.Calls.ServerStream(new Item { Number = 1 });
        Assert.True(await call.ResponseStream.MoveNext(default).Soon());
        var stopping = stage.Server.StopAsync(CancellationToken.None);
        using var refused = stage.Calls.ServerStream(new Item());
        Assert.True(NotExecuted.IsMarked(await Wait.FailsAsync(StatusCode.Unavailable, () => refused.ResponseStream.MoveNext(default))));
        Assert.False(stopping.IsCompleted);
        release.SetResult();
        Assert.True(await call.ResponseStream.MoveNext(default).Soon());
        Assert.False(await call.ResponseStream.MoveNext(default).Soon());
        await stopping.Soon();
    }

    [Fact]
    public async Task A_peer_that_goes_away_ends_the_server_stream_unavailable()
    {
        Needs(CallKinds.ServerStreaming);
        var (stage, _) = await OpenHeldStreamAsync(new StageOptions());
        using var call = stage.Calls.ServerStream(new Item());
        Assert.True(await call.ResponseStream.MoveNext(default).Soon());
        var closing = stage.Server.DisposeAsync().AsTask();
        await Wait.FailsAsync(StatusCode.Unavailable, () => call.ResponseStream.MoveNext(default));
        await closing.Soon();
    }

    [Fact]
    public async Task A_server_stream_that_was_left_alone_has_been_cancelled()
    {
        Needs(CallKinds.ServerStreaming);
        var (stage, _) = await OpenHeldStreamAsync(new StageOptions());
        var call = stage.Calls.ServerStream(new Item());
        Assert.True(await call.ResponseStream.MoveNext(default).Soon());
        call.Dispose();
        await Wait.UntilAsync(() => Record.Exception(() => call.GetStatus()) is null, "the call has ended for its caller");
        Assert.Equal(StatusCode.Cancelled, call.GetStatus().StatusCode);
        await Wait.UntilAsync(() => stage.Server.CallsInFlight == 0, "the handler has been told and has gone");
    }

    [Fact]
    public async Task A_server_stream_counts_as_a_call()
    {
        Needs(CallKinds.ServerStreaming);
        var (stage, release) = await OpenHeldStreamAsync(new StageOptions { Limits = new ServerLimits { MaxConcurrentCalls = 1 } });
        using var held = stage.Calls.ServerStream(new Item { Number = 1 });
        Assert.True(await held.ResponseStream.MoveNext(default).Soon());
        using var refused = stage.Calls.ServerStream(new Item());
        await Wait.FailsAsync(StatusCode.ResourceExhausted, () => refused.ResponseStream.MoveNext(default));
        await Wait.FailsAsync(StatusCode.ResourceExhausted, () => stage.Calls.UnaryAsync(new Item()).ResponseAsync);
        release.SetResult();
        Assert.Single(await held.ResponseStream.ToListAsync());
        await Wait.UntilAsync(() => stage.Server.CallsInFlight == 0, "the stream has left");
        await stage.Calls.UnaryAsync(new Item()).ResponseAsync.Soon();
    }

    [Fact]
    public async Task A_deadline_that_passed_before_a_server_stream_keeps_the_handler_from_running()
    {
        Needs(CallKinds.ServerStreaming);
        var stage = await OpenAsync();
        var ran = 0;
        stage.Handlers.ServerStream = (_, _, _) =>
        {
            Interlocked.Increment(ref ran);
            return Task.CompletedTask;
        };
        using var late = stage.Calls.ServerStream(new Item(), deadline: In(-Short));
        await Wait.FailsAsync(StatusCode.DeadlineExceeded, () => late.ResponseStream.MoveNext(default));
        using var call = stage.Calls.ServerStream(new Item());
        Assert.Empty(await call.ResponseStream.ToListAsync());
        Assert.Equal(1, ran);
    }

    [Fact]
    public async Task Response_headers_of_a_server_stream_arrive_before_its_first_message()
    {
        Needs(CallKinds.ServerStreaming);
        var stage = await OpenAsync();
        var release = new TaskCompletionSource();
        stage.Handlers.ServerStream = async (item, writer, context) =>
        {
            await context.WriteResponseHeadersAsync(new Metadata { { "early", "bird" } });
            await release.Task;
            await writer.WriteAsync(item.Clone());
        };
        using var call = stage.Calls.ServerStream(new Item { Number = 1 });
        Assert.Equal("bird", (await call.ResponseHeadersAsync.Soon()).GetValue("early"));
        release.SetResult();
        Assert.Equal(1, Assert.Single(await call.ResponseStream.ToListAsync()).Number);
    }

    [Fact]
    public async Task A_hundred_server_streams_are_under_way_at_once()
    {
        Needs(CallKinds.ServerStreaming);
        var stage = await OpenAsync();
        var (entered, release) = (0, new TaskCompletionSource());
        stage.Handlers.ServerStream = async (item, writer, _) =>
        {
            Interlocked.Increment(ref entered);
            await release.Task;
            for (var i = 0; i < 10; i++)
            {
                await writer.WriteAsync(new Item { Number = (item.Number * 1_000) + i });
            }
        };
        var streams = Enumerable.Range(0, 100).Select(async stream =>
        {
            using var call = stage.Calls.ServerStream(new Item { Number = stream });
            Assert.Equal(Enumerable.Range(stream * 1_000, 10), (await call.ResponseStream.ToListAsync()).Select(i => i.Number));
        }).ToList();
        await Wait.UntilAsync(() => Volatile.Read(ref entered) == 100, "all have begun");
        release.SetResult();
        await Task.WhenAll(streams).Soon();
    }

    /// <summary>Streams of one message, then a wait, then one more for who asked with the number 1.</summary>
    private async Task<(Stage Stage, TaskCompletionSource Release)> OpenHeldStreamAsync(StageOptions options)
    {
        var stage = await OpenAsync(options);
        var release = new TaskCompletionSource();
        stage.Handlers.ServerStream = async (item, writer, context) =>
        {
            await writer.WriteAsync(new Item());
            await release.Task.WaitAsync(context.CancellationToken);
            if (item.Number == 1)
            {
                await writer.WriteAsync(new Item());
            }
        };
        return (stage, release);
    }
}
