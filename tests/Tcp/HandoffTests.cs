using Anywire.Tcp.Connections;

namespace Anywire.Tcp.Tests;

#pragma warning disable VSTHRD002, VSTHRD103, xUnit1031 // Blocking is what these tests are about.

/// <summary>What waits for the pool's threads while those are held up.</summary>
[Collection(nameof(BlockingTests))]
public sealed class HandoffTests
{
    private const int Many = 256;

    // The watchdog's.
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(10);

    [Fact]
    public async Task Other_threads_take_it_where_the_pools_block_and_not_where_they_compute()
    {
        var (now, used) = (TimeSpan.Zero, TimeSpan.Zero);
        using var release = new ManualResetEventSlim();
        using var ended = new CountdownEvent(Many);
        var threads = new ReaderThreads(Many);
        var handoff = new Handoff(threads, new ProcessorUse(() => (used, now)));
        for (var i = 0; i < Many; i++)
        {
            handoff.Run(new Work(release, ended));
        }
        try
        {
            Look(glances: 100, use: 0.95);
            Assert.Equal(0, threads.Count);
            Look(glances: 50, use: 0.5);
            var added = threads.Count;
            Assert.InRange(added, 1, 50);
            // It takes some glances to tell.
            Look(glances: 100, use: 0.95);
            Assert.InRange(threads.Count, added, added + 5);
        }
        finally
        {
            release.Set();
            await Wait.UntilAsync(() => ended.IsSet, "all has been done");
        }

        void Look(int glances, double use)
        {
            for (var i = 0; i < glances; i++)
            {
                now += Glance;
                used += use * Environment.ProcessorCount * Glance;
                ((IWatched)handoff).Tick();
            }
        }
    }

    private sealed class Work(ManualResetEventSlim release, CountdownEvent ended) : IThreadPoolWorkItem
    {
        public void Execute()
        {
            release.Wait();
            ended.Signal();
        }
    }
}
