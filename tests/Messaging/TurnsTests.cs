namespace Anywire.Messaging.Tests;

/// <summary>Everybody gets a turn, whatever the others do in theirs.</summary>
public sealed class TurnsTests
{
    private readonly Turns _turns = new();

    [Fact]
    public async Task Whoever_waits_gets_one_turn_also_when_many_add_at_once()
    {
        const int Adders = 8, Each = 20_000;
        var left = Adders * Each;
        var all = new TaskCompletionSource();
        await Task.WhenAll(Enumerable.Range(0, Adders).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < Each; i++)
            {
                _turns.Add(() =>
                {
                    if (Interlocked.Decrement(ref left) == 0)
                    {
                        all.SetResult();
                    }
                });
            }
        })));
        await all.Task;
        Assert.Equal(0, left);
    }

    [Fact]
    public async Task One_that_blocks_holds_up_nobody_who_waits_behind_it_or_comes_later()
    {
        using var release = new ManualResetEventSlim();
        var (blocks, later) = (new TaskCompletionSource(), new TaskCompletionSource());
        _turns.Add(() =>
        {
            // Behind this one, before it blocks.
            _turns.Add(blocks.SetResult);
            release.Wait();
        });
        await blocks.Task;
        _turns.Add(later.SetResult);
        await later.Task;
        release.Set();
    }

    [Fact]
    public async Task Awaiting_goes_on_on_another_thread_of_the_pool()
    {
        var ran = await await Task.Factory.StartNew(async () =>
        {
            await _turns;
            return Thread.CurrentThread.IsThreadPoolThread;
        }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        Assert.True(ran, "It went on where it was.");
    }
}
