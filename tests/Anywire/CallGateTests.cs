using Anywire.Server;
using Grpc.Core;

namespace Anywire.Tests;

public sealed class CallGateTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public void The_limit_is_exact()
    {
        var gate = new CallGate(2);
        Assert.Null(gate.TryEnter());
        Assert.Null(gate.TryEnter());
        var full = gate.TryEnter();
        Assert.Equal(StatusCode.ResourceExhausted, full?.StatusCode);
        Assert.Equal(2, gate.Calls);
        gate.Leave();
        Assert.Null(gate.TryEnter());
    }

    [Fact]
    public async Task Draining_an_empty_gate_is_done_at_once()
    {
        var gate = new CallGate(2);
        await gate.DrainAsync().WaitAsync(Patience);
        Assert.True(gate.IsDraining);
    }

    [Fact]
    public async Task Draining_waits_for_the_last_and_refuses_the_next()
    {
        var gate = new CallGate(10);
        Assert.Null(gate.TryEnter());
        Assert.Null(gate.TryEnter());
        var drained = gate.DrainAsync();
        var refused = gate.TryEnter();
        Assert.Equal(StatusCode.Unavailable, refused?.StatusCode);
        Assert.True(NotExecuted.IsMarked(refused!));
        gate.Leave();
        Assert.False(drained.IsCompleted);
        gate.Leave();
        await drained.WaitAsync(Patience);
        Assert.Equal(0, gate.Calls);
    }

    [Fact]
    public async Task Draining_twice_is_draining_once()
    {
        var gate = new CallGate(10);
        Assert.Null(gate.TryEnter());
        var (first, second) = (gate.DrainAsync(), gate.DrainAsync());
        gate.Leave();
        await Task.WhenAll(first, second).WaitAsync(Patience);
    }

    [Fact]
    public async Task However_they_race_nobody_is_inside_once_it_is_drained()
    {
        for (var round = 0; round < 300; round++)
        {
            var gate = new CallGate(1_000);
            using var start = new Barrier(4);
            var inside = 0;
            var callers = Enumerable.Range(0, 3).Select(_ => Task.Factory.StartNew(
                () =>
                {
                    start.SignalAndWait();
                    for (var i = 0; i < 50; i++)
                    {
                        if (gate.TryEnter() is null)
                        {
                            Interlocked.Increment(ref inside);
                            Interlocked.Decrement(ref inside);
                            gate.Leave();
                        }
                    }
                },
                CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)).ToList();
            start.SignalAndWait();
            await gate.DrainAsync().WaitAsync(Patience);
            Assert.Equal(0, Volatile.Read(ref inside));
            await Task.WhenAll(callers);
            Assert.Equal(0, gate.Calls);
            Assert.NotNull(gate.TryEnter());
        }
    }
}
