using System.Diagnostics;
using Anywire.Tcp.Server;
using Anywire.Tcp.Tests.Bed;
using Grpc.Core;
using Twite.Faults;

namespace Anywire.Tcp.Tests;

/// <summary>Whole conversations that nobody meant, in memory, against both sides of a connection: no error but the peer's, no call without an end, no
/// memory by what is announced. Ten million of them in the long form.</summary>
[Collection(nameof(Alone))]
public sealed class ConnectionFuzzTests(ITestOutputHelper output)
{
    private const int Batch = 1_000;

    // A connection has 64 KB to read into, and what is sent or comes in part has buffers of as much.
    private const long MostBytes = 1024 * 1024;

    private static readonly int Inputs = LongForm.IsRequested ? 5_000_000 : 20_000;

    [Fact]
    public async Task A_server_bears_whatever_a_caller_says()
    {
        using var bed = new MemoryBed();
        var ended = new List<ServerConnection>(Batch);
        await RunAsync(bed, Conversations.Caller, (peer, isLastOfBatch) =>
        {
            ended.Add(bed.Serve(peer));
            if (!isLastOfBatch)
            {
                return Task.CompletedTask;
            }
            ServerConnection[] all = [.. ended];
            ended.Clear();
            return Wait.UntilAsync(() => Array.TrueForAll(all, static c => c is { IsClosed: true, Calls: 0 }), "all connections are closed and their calls forgotten");
        });
    }

    [Fact]
    public async Task A_caller_bears_whatever_a_server_says()
    {
        using var bed = new MemoryBed();
        var calls = new List<(Task Reply, IAsyncStreamReader<Line> Replies)>(Batch);
        await RunAsync(bed, Conversations.Handler, async (peer, isLastOfBatch) =>
        {
            calls.Add(bed.Call(peer));
            if (isLastOfBatch)
            {
                await Task.WhenAll(calls.Select(static call => EndAsync(call.Reply, call.Replies))).Soon();
                calls.Clear();
            }
        });
    }

    private static async Task EndAsync(Task reply, IAsyncStreamReader<Line> replies)
    {
        await reply.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Task<bool> moved;
        do
        {
            moved = replies.MoveNext(CancellationToken.None);
            await ((Task)moved).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        while (moved.IsCompletedSuccessfully && await moved);
    }

    private async Task RunAsync(MemoryBed bed, IReadOnlyList<byte[]> good, Func<MemoryPeer, bool, Task> run)
    {
        var mutations = new Mutations(141, good);
        var begin = Stopwatch.GetTimestamp();
        for (var i = 1; i <= Inputs; i++)
        {
            var bytes = mutations.Next();
            var before = GC.GetAllocatedBytesForCurrentThread();
            var running = run(new MemoryPeer(bytes, mutations.AtOnce), i % Batch == 0);
            if (i % Batch != 0 && GC.GetAllocatedBytesForCurrentThread() - before is > MostBytes and var took)
            {
                Assert.Fail($"Input {i:N0} took {took:N0} bytes: {Convert.ToHexString(bytes.Span)}");
            }
            await running;
            if (bed.Log.Errors.Count > 0)
            {
                Assert.Fail($"Input {i:N0}, {Convert.ToHexString(bytes.Span)}: {bed.Log.Errors.First()}");
            }
        }
        output.WriteLine($"{Inputs / Stopwatch.GetElapsedTime(begin).TotalSeconds:N0} inputs per second.");
    }
}
