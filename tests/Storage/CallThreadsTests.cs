using Grpc.Core;

namespace Twite.Storage;

public sealed class CallThreadsTests
{
    [Fact]
    public async Task A_call_runs_on_them_after_it_waited_too()
    {
        var interceptor = new StorageInterceptor(new CallThreads(2));
        var onPool = await interceptor.UnaryServerHandler<string, bool[]>("", new CallContext(), async (_, _) =>
        {
            var before = Thread.CurrentThread.IsThreadPoolThread;
            await Task.Run(() => { });
            return [before, Thread.CurrentThread.IsThreadPoolThread];
        });
        Assert.Equal([false, false], onPool);
    }

    [Fact]
    public async Task Calls_that_hold_their_threads_hold_none_of_the_pool_and_the_rest_waits()
    {
        const int Most = 40;
        var interceptor = new StorageInterceptor(new CallThreads(Most));
        using var release = new ManualResetEventSlim();
        using var held = new CountdownEvent(Most);
        var started = 0;
        var calls = Enumerable.Range(0, 200).Select(_ => interceptor.UnaryServerHandler<string, Thread>("", new CallContext(), (_, _) =>
        {
            if (Interlocked.Increment(ref started) <= Most)
            {
                held.Signal();
            }
            release.Wait();
            return Task.FromResult(Thread.CurrentThread);
        })).ToList();
        try
        {
            Assert.True(held.Wait(TimeSpan.FromSeconds(20)));
            // The pool is as free as before.
            await Task.Run(() => { }).WaitAsync(TimeSpan.FromSeconds(20));
            Assert.Equal(Most, Volatile.Read(ref started));
        }
        finally
        {
            release.Set();
        }
        Assert.DoesNotContain(await Task.WhenAll(calls), thread => thread.IsThreadPoolThread);
        Assert.Equal(200, started);
    }

    [Fact]
    public async Task What_nobody_waits_for_any_more_when_its_turn_comes_is_not_done()
    {
        var interceptor = new StorageInterceptor(new CallThreads(1));
        using var release = new ManualResetEventSlim();
        using var givenUp = new CancellationTokenSource();
        var first = interceptor.UnaryServerHandler<string, string>("", new CallContext(), (_, _) =>
        {
            release.Wait();
            return Task.FromResult("done");
        });
        var done = false;
        var second = interceptor.UnaryServerHandler<string, string>("", new CallContext(givenUp.Token), (_, _) =>
        {
            done = true;
            return Task.FromResult("done");
        });
        await givenUp.CancelAsync();
        release.Set();
        Assert.Equal("done", await first);
        await Assert.ThrowsAsync<OperationCanceledException>(() => second);
        Assert.False(done);
    }

    [Fact]
    public async Task A_failure_of_storage_is_translated_there_too()
    {
        var error = await Assert.ThrowsAsync<RpcException>(() => new StorageInterceptor(new CallThreads(1)).UnaryServerHandler<string, string>(
            "", new CallContext(), (_, _) => throw new StorageException(StorageFailure.Busy, "too many wait")));
        Assert.Equal(StatusCode.ResourceExhausted, error.StatusCode);
    }

    [Fact]
    public async Task Those_that_are_idle_end_and_come_again()
    {
        var threads = new CallThreads(8, longestIdle: TimeSpan.FromMilliseconds(1));
        var interceptor = new StorageInterceptor(threads);
        for (var round = 0; round < 3; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, 100).Select(i => interceptor.UnaryServerHandler<string, string>("", new CallContext(), (_, _) => Task.FromResult($"{i}"))));
            Assert.True(SpinWait.SpinUntil(() => threads.Count == 0, TimeSpan.FromSeconds(20)));
        }
    }
}
