using Anywire.Tcp.Connections;
using Anywire.Tcp.Tests.Bed;

namespace Anywire.Tcp.Tests;

#pragma warning disable VSTHRD002, VSTHRD103, xUnit1031 // Blocking is what these tests are about.

/// <summary>Alone: they take the pool's threads from whatever runs beside them.</summary>
[CollectionDefinition(nameof(BlockingTests), DisableParallelization = true)]
public sealed class BlockingCollection;

/// <summary>The thread that reads a connection runs handlers and continuations. Code that blocks there waits for nobody but itself.</summary>
[Collection(nameof(BlockingTests))]
public sealed class BlockingTests
{
    [Fact]
    public async Task A_continuation_may_block_for_another_call_of_the_same_connection()
    {
        await using var bed = await TcpBed.OpenAsync();
        await Task.WhenAll(Enumerable.Range(0, 16).Select(i => Task.Run(async () =>
        {
            for (var n = 0; n < 5; n++)
            {
                await bed.Client.SayAsync(new Line { Text = $"{i}" });
                // On the reading thread, as a rule: nobody else could read the answer.
                Assert.Equal("blocking", bed.Client.Say(new Line { Text = "blocking" }).Text);
                Assert.Equal("result", bed.Client.SayAsync(new Line { Text = "result" }).ResponseAsync.Result.Text);
            }
        }))).Soon();
    }

    [Fact]
    public async Task A_handler_may_block_for_what_another_call_of_the_same_connection_brings()
    {
        await using var bed = await TcpBed.OpenAsync();
        using var brought = new ManualResetEventSlim();
        bed.Service.Before = (line, _) =>
        {
            if (line.Text == "wait")
            {
                Assert.True(brought.Wait(TimeSpan.FromSeconds(30)));
            }
            else if (line.Text == "bring")
            {
                brought.Set();
            }
            return Task.CompletedTask;
        };
        var waiting = Enumerable.Range(0, 4).Select(_ => bed.Client.SayAsync(new Line { Text = "wait" }).ResponseAsync).ToList();
        await bed.Client.SayAsync(new Line { Text = "bring" }).ResponseAsync.Soon();
        await Task.WhenAll(waiting).Soon();
    }

    [Fact]
    public async Task A_handler_that_blocks_learns_that_its_call_was_cancelled()
    {
        await using var bed = await TcpBed.OpenAsync();
        var entered = new TaskCompletionSource();
        bed.Service.Before = (line, context) =>
        {
            if (line.Text == "wait")
            {
                entered.SetResult();
                Assert.True(context.CancellationToken.WaitHandle.WaitOne(TimeSpan.FromSeconds(30)));
            }
            return Task.CompletedTask;
        };
        using var call = bed.Client.SayAsync(new Line { Text = "wait" });
        await entered.Task.Soon();
        call.Dispose();
        await Wait.UntilAsync(() => bed.Server.CallsInFlight == 0, "the handler has ended");
        await bed.AssertServesAsync();
    }

    [Fact]
    public async Task A_pool_without_a_free_thread_holds_up_no_call_that_needs_none()
    {
        await using var bed = await TcpBed.OpenAsync();
        await bed.AssertServesAsync();
        using var release = new ManualResetEventSlim();
        ThreadPool.GetMinThreads(out var least, out _);
        var blocked = Enumerable.Range(0, 4 * least).Select(_ => Task.Run(() => release.Wait())).ToList();
        var text = "";
        var caller = new Thread(() => text = bed.Client.Say(new Line { Text = "through" }).Text);
        caller.Start();
        Assert.True(caller.Join(TimeSpan.FromSeconds(30)));
        Assert.Equal("through", text);
        release.Set();
        await Task.WhenAll(blocked).Soon();
    }

    [Fact]
    public void Once_long_is_not_long_for_ever_and_one_pause_changes_nothing()
    {
        var pace = new Pace();
        Assert.True(pace.IsShort);
        pace.End(pace.Begin() is 0 and var none ? none : 1);
        Assert.True(pace.IsShort);
        pace.Blocked();
        Assert.False(pace.IsShort);
        var count = 0;
        while (!pace.IsShort)
        {
            pace.End(pace.Begin());
            Assert.InRange(++count, 1, 200);
        }
    }

    [Fact]
    public async Task A_handler_that_computes_for_long_leaves_the_reading_thread()
    {
        await using var bed = await TcpBed.OpenAsync();
        var threads = new System.Collections.Concurrent.ConcurrentDictionary<string, int>(StringComparer.Ordinal);
        bed.Service.Before = (line, _) =>
        {
            threads[Thread.CurrentThread.Name ?? ""] = 1;
            if (line.Text == "long")
            {
                var until = System.Diagnostics.Stopwatch.GetTimestamp() + System.Diagnostics.Stopwatch.Frequency / 5_000;
                while (System.Diagnostics.Stopwatch.GetTimestamp() < until)
                {
                    // It computes for 200 µs.
                }
            }
            return Task.CompletedTask;
        };
        for (var i = 0; i < 100; i++)
        {
            await bed.Client.SayAsync(new Line { Text = "long" }).ResponseAsync.Soon();
        }
        threads.Clear();
        // When the pool gives no thread for long, one of the transport's own takes it, which has the reading threads' name.
        for (var i = 0; i < 10; i++)
        {
            await bed.Client.SayAsync(new Line { Text = "long" }).ResponseAsync.Soon();
        }
        Assert.Contains(threads.Keys, static name => name != "Anywire TCP");
    }
}
