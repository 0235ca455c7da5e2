using System.Text.Json;
using Google.Protobuf;
using Grpc.Core;
using Twite.Contracts;
using Twite.Lab.Call;
using Twite.Lab.Load;

namespace Twite.Bench.Sockets;

/// <summary>What a process of one side does: says its port or that it is ready, and then follows orders until its input ends.</summary>
internal static class Sides
{
    private static readonly TimeSpan Tolerance = TimeSpan.FromMilliseconds(1);

    public static async Task RunAsync(string side, Subject subject, int port)
    {
        Subject.ListenForTraces();
        if (side == "handler")
        {
            var (server, listening) = await subject.ListenAsync();
            await using (server)
            {
                Console.WriteLine(listening);
                await FollowAsync(static _ => Task.FromResult<LoopResult?>(null));
            }
            return;
        }
        var (target, invoker) = subject.Connect(port);
        await using (target)
        {
            Console.WriteLine(0);
            await FollowAsync(order => RunAsync(order, target, invoker));
        }
    }

    private static async Task FollowAsync(Func<Order, Task<LoopResult?>> follow)
    {
        while (await Console.In.ReadLineAsync() is { } line)
        {
            var result = await follow(JsonSerializer.Deserialize<Order>(line)!);
            Console.WriteLine(JsonSerializer.Serialize(new Outcome(
                result?.Calls ?? 0, result?.Failures ?? 0, result?.Elapsed.TotalMicroseconds ?? 0, result?.Latencies.Percentile(50) ?? 0,
                result?.Latencies.Percentile(99) ?? 0, result?.Late ?? 0, Environment.CpuUsage.TotalTime.TotalMicroseconds, GC.GetTotalAllocatedBytes(precise: true))));
        }
    }

    private static async Task<LoopResult?> RunAsync(Order order, ICallTarget target, CallInvoker? invoker)
    {
        using var stop = new CancellationTokenSource();
        var beside = order.Beside switch
        {
            "stalled" => StallAsync(invoker!, stop.Token),
            "bulk" => FetchAsync(invoker!, stop.Token),
            _ => Task.CompletedTask,
        };
        var seconds = TimeSpan.FromSeconds(order.Seconds);
        var result = order.Kind switch
        {
            "closed" => await ClosedLoop.RunAsync((number, _) => target.VerifyAsync(number), order.Callers, seconds, TimeProvider.System),
            "open" => await new OpenLoop(TimeProvider.System, new SleepingPacer(TimeProvider.System), Tolerance)
                .RunAsync((number, _) => target.VerifyAsync(number), order.Rate, seconds),
            "messages" => MakeMessages(order.Callers),
            _ => null,
        };
        await stop.CancelAsync();
        await beside;
        return result;
    }

    /// <summary>A stream of which one message is read and then no more.</summary>
    private static async Task StallAsync(CallInvoker invoker, CancellationToken stop)
    {
        using var stalled = new Bulk.BulkClient(invoker).Watch(new Bytes(), cancellationToken: stop);
        await stalled.ResponseStream.MoveNext(CancellationToken.None);
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static async Task FetchAsync(CallInvoker invoker, CancellationToken stop)
    {
        var client = new Bulk.BulkClient(invoker);
        try
        {
            while (!stop.IsCancellationRequested)
            {
                await client.FetchAsync(new Bytes(), cancellationToken: stop);
            }
        }
        catch (RpcException error) when (error.StatusCode == StatusCode.Cancelled)
        {
            // Enough.
        }
    }

    /// <summary>What a call's messages allocate on both sides together, made and read as its stub does.</summary>
    private static LoopResult MakeMessages(int count)
    {
        var sessions = new Sessions(0);
        var before = GC.GetTotalAllocatedBytes(precise: true);
        for (var i = 0; i < count; i++)
        {
            var request = new VerifySessionRequest { Token = sessions.TokenOf(i) };
            var bytes = sessions.Verify(request)!.ToByteArray();
            // The array is not the message's.
            before += 24 + (bytes.Length + 7) / 8 * 8;
            GC.KeepAlive(VerifySessionReply.Parser.ParseFrom(bytes));
        }
        return new LoopResult(GC.GetTotalAllocatedBytes(precise: true) - before, 0, null, TimeSpan.Zero, 0, new Latencies());
    }
}
