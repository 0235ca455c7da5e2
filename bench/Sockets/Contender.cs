namespace Twite.Bench.Sockets;

/// <summary>A subject with both its processes.</summary>
internal sealed class Contender : IAsyncDisposable
{
    private static readonly Order ReadUsage = new("usage");

    private readonly SideProcess _handler;
    private readonly SideProcess _caller;

    private Contender(SubjectName name, SideProcess handler, SideProcess caller) => (Name, _handler, _caller) = (name, handler, caller);

    public SubjectName Name { get; }

    /// <summary>What the messages of a call allocate on the calling side, in bytes.</summary>
    public required double CallerMessages { get; init; }

    /// <summary>On the handling side.</summary>
    public required double HandlerMessages { get; init; }

    public static async Task<Contender> StartAsync(SubjectName name, string keys, bool isAsync)
    {
        var handler = await SideProcess.StartAsync(Sides.Handler, name, keys, isAsync);
        try
        {
            var caller = await SideProcess.StartAsync(Sides.Caller, name, keys, isAsync, handler.Port);
            var messages = new Order("messages");
            return new Contender(name, handler, caller)
            {
                CallerMessages = name.IsFloor ? 0 : (await caller.AskAsync(messages)).Bytes,
                HandlerMessages = name.IsFloor ? 0 : (await handler.AskAsync(messages)).Bytes,
            };
        }
        catch
        {
            await handler.DisposeAsync();
            throw;
        }
    }

    /// <summary>Has calls made, and sees what both processes use for them.</summary>
    public async Task<Sample> RunAsync(Order order)
    {
        var before = await _handler.AskAsync(ReadUsage);
        var done = await _caller.AskAsync(order);
        var after = await _handler.AskAsync(ReadUsage);
        return done.Calls > 0
            ? new Sample(
                done.Cpu / done.Calls, (after.Cpu - before.Cpu) / done.Calls, done.Calls / done.Elapsed * 1e6, done.P50, done.P99, done.SentP99, done.Bytes / done.Calls,
                (after.Bytes - before.Bytes) / done.Calls, (double)done.Late / done.Calls, done.Failures, done.Problem)
            : throw new InvalidOperationException($"{Name} made no call: {done.Problem}");
    }

    /// <summary>CPU that the loop itself takes of each call, in microseconds.</summary>
    public async Task<double> LoopCpuAsync(double seconds)
    {
        var order = new Order("loop", 1, Seconds: seconds);
        // Once for the compiler.
        await _caller.AskAsync(order);
        var done = await _caller.AskAsync(order);
        return done.Cpu / done.Calls;
    }

    /// <summary>From now on that shares the connection, and nothing else does.</summary>
    public async Task ShareAsync(string beside)
    {
        if ((await _caller.AskAsync(new Order("beside", Beside: beside))).Problem is { } problem)
        {
            throw new InvalidOperationException($"{Name} beside \"{beside}\": {problem}");
        }
    }

    /// <summary>Messages that the handler has written to streams so far.</summary>
    public async Task<long> WrittenAsync() => (await _handler.AskAsync(ReadUsage)).Moved;

    /// <summary>Large answers that have come since they are being fetched.</summary>
    public async Task<long> FetchedAsync() => (await _caller.AskAsync(ReadUsage)).Moved;

    public async ValueTask DisposeAsync()
    {
        await _caller.DisposeAsync();
        await _handler.DisposeAsync();
    }
}
