using Grpc.Core;

namespace Anywire.Conformance;

public abstract partial class ConformanceSuite
{
    [Fact]
    public async Task One_call_more_than_allowed_is_refused_at_once()
    {
        var stage = await OpenAsync(new StageOptions { Limits = new ServerLimits { MaxConcurrentCalls = 3 } });
        var (release, ran) = (new TaskCompletionSource(), 0);
        stage.Handlers.Unary = async (item, _) =>
        {
            Interlocked.Increment(ref ran);
            await release.Task;
            return item.Clone();
        };
        var accepted = Enumerable.Range(0, 3).Select(_ => stage.Calls.UnaryAsync(new Item()).ResponseAsync).ToList();
        await Wait.UntilAsync(() => Volatile.Read(ref ran) == 3, "three run");
        for (var i = 0; i < 20; i++)
        {
            await Wait.FailsAsync(StatusCode.ResourceExhausted, () => stage.Calls.UnaryAsync(new Item()).ResponseAsync);
        }
        Assert.Equal(3, ran);
        release.SetResult();
        await Task.WhenAll(accepted).Soon();
        await stage.Calls.UnaryAsync(new Item()).ResponseAsync.Soon();
    }

    [Fact]
    public async Task Streams_count_as_calls()
    {
        Needs(CallKinds.DuplexStreaming);
        var stage = await OpenAsync(new StageOptions { Limits = new ServerLimits { MaxConcurrentCalls = 1 } });
        using var held = stage.Calls.Duplex();
        await held.RequestStream.WriteAsync(new Item()).Soon();
        Assert.True(await held.ResponseStream.MoveNext(default).Soon());
        using var refused = stage.Calls.Duplex();
        await Wait.FailsAsync(StatusCode.ResourceExhausted, () => refused.ResponseStream.MoveNext(default));
        await Wait.FailsAsync(StatusCode.ResourceExhausted, () => stage.Calls.UnaryAsync(new Item()).ResponseAsync);
        await held.RequestStream.CompleteAsync().Soon();
        Assert.False(await held.ResponseStream.MoveNext(default).Soon());
        await Wait.UntilAsync(() => stage.Server.CallsInFlight == 0, "the stream has left");
        await stage.Calls.UnaryAsync(new Item()).ResponseAsync.Soon();
    }

    [Fact]
    public async Task Calls_that_fail_leave_no_place_taken()
    {
        var stage = await OpenAsync(new StageOptions { Limits = new ServerLimits { MaxConcurrentCalls = 2 } });
        stage.Handlers.Unary = (item, _) => item.Number % 2 == 0 ? throw new InvalidOperationException() : throw new RpcException(new Status(StatusCode.Aborted, ""));
        for (var i = 0; i < 20; i++)
        {
            var error = await Wait.FailsAsync(() => stage.Calls.UnaryAsync(new Item { Number = i }).ResponseAsync);
            Assert.Equal(i % 2 == 0 ? StatusCode.Unknown : StatusCode.Aborted, error.StatusCode);
            await Wait.UntilAsync(() => stage.Server.CallsInFlight == 0, "it has left");
        }
    }
}
