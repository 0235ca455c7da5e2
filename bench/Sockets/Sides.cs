using System.Diagnostics;
using System.Text.Json;
using System.Threading.Channels;
using Twite.Lab.Load;

namespace Twite.Bench.Sockets;

/// <summary>What a process of one side does: says its port, and then follows orders until its input ends, which it does when who started it is gone.</summary>
internal static class Sides
{
    /// <summary>The argument that makes this program such a process.</summary>
    public const string Mark = "side";

    public const string Handler = "handler";
    public const string Caller = "caller";

    private static readonly TimeSpan Tolerance = TimeSpan.FromMilliseconds(1);

    public static async Task RunAsync(string side, Subject subject, int port)
    {
        var orders = ReadOrders();
        Subject.ListenForTraces();
        if (side == Handler)
        {
            var bulk = new BulkHandler();
            var (_, listening) = await subject.ListenAsync(bulk);
            Console.WriteLine(listening);
            await FollowAsync(orders, order => Task.FromResult(order.Kind == "messages"
                ? new Outcome { Bytes = MessageBytes.OfHandler(subject.Sessions) }
                : new Outcome { Cpu = Usage.Cpu, Bytes = Usage.Bytes, Moved = bulk.Written }));
            return;
        }
        var connected = subject.Connect(port);
        await using var caller = new CallerSide(connected.Verifier, connected.Invoker);
        Console.WriteLine(port);
        await FollowAsync(orders, order => order.Kind switch
        {
            "closed" => ClosedRun.RunAsync(connected.Verifier, order.Callers, TimeSpan.FromSeconds(order.Seconds)),
            "loop" => ClosedRun.RunAsync(new NoVerifier(), order.Callers, TimeSpan.FromSeconds(order.Seconds)),
            "open" => OpenAsync(order, connected.Verifier),
            "beside" => caller.ShareAsync(order.Beside),
            "messages" => Task.FromResult(new Outcome { Bytes = MessageBytes.OfCaller(subject.Sessions) }),
            _ => Task.FromResult(new Outcome { Cpu = Usage.Cpu, Bytes = Usage.Bytes, Moved = caller.Fetched }),
        });
    }

    // A thread of its own: it must notice the end of the input while every thread of the pool is busy calling, and then nothing is left to work for.
    private static ChannelReader<Order> ReadOrders()
    {
        var orders = Channel.CreateUnbounded<Order>();
        new Thread(() =>
        {
            while (Console.In.ReadLine() is { } line)
            {
                orders.Writer.TryWrite(JsonSerializer.Deserialize<Order>(line)!);
            }
            Environment.Exit(0);
        })
        { IsBackground = true, Name = "orders" }.Start();
        return orders.Reader;
    }

    private static async Task FollowAsync(ChannelReader<Order> orders, Func<Order, Task<Outcome>> follow)
    {
        await foreach (var order in orders.ReadAllAsync())
        {
            Outcome outcome;
            try
            {
                outcome = await follow(order);
            }
            catch (Exception error)
            {
                outcome = new Outcome { Failures = 1, Problem = error.Message };
            }
            Console.WriteLine(JsonSerializer.Serialize(outcome));
        }
    }

    private static async Task<Outcome> OpenAsync(Order order, IVerifier verifier)
    {
        var sent = new Durations();
        async ValueTask<bool> CallAsync(long number)
        {
            var from = Stopwatch.GetTimestamp();
            var isRight = await verifier.VerifyAsync(number);
            sent.Record((long)Stopwatch.GetElapsedTime(from).TotalNanoseconds);
            return isRight;
        }
        var before = (Usage.Cpu, Usage.Bytes);
        var result = await new OpenLoop(TimeProvider.System, new SleepingPacer(TimeProvider.System), Tolerance)
            .RunAsync((number, _) => CallAsync(number), order.Rate, TimeSpan.FromSeconds(order.Seconds));
        // What is done afterwards to tell of it is not its own.
        var (cpu, bytes) = (Usage.Cpu - before.Cpu, Usage.Bytes - before.Bytes);
        return new Outcome
        {
            Calls = result.Calls,
            Failures = result.Failures,
            Problem = result.FirstFailure,
            Elapsed = result.Elapsed.TotalMicroseconds,
            P50 = result.Latencies.Percentile(50),
            P99 = result.Latencies.Percentile(99),
            SentP99 = sent.Percentile(99),
            Late = result.Late,
            Cpu = cpu,
            Bytes = bytes,
        };
    }
}
