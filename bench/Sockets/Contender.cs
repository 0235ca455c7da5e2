namespace Twite.Bench.Sockets;

/// <summary>A subject with both its processes.</summary>
internal sealed class Contender(string name, SideProcess handler, SideProcess caller) : IAsyncDisposable
{
    public string Name => name;

    public static async Task<Contender> StartAsync(string name, string keys, bool isAsync)
    {
        var handler = await SideProcess.StartAsync("handler", name, keys, isAsync);
        return new Contender(name, handler, await SideProcess.StartAsync("caller", name, keys, isAsync, handler.Port));
    }

    public async Task<Sample> RunAsync(Order order)
    {
        var (before, own) = (await handler.AskAsync(new Order("usage")), await caller.AskAsync(new Order("usage")));
        var done = await caller.AskAsync(order);
        var after = await handler.AskAsync(new Order("usage"));
        if (done.Failures > 0)
        {
            throw new InvalidOperationException($"{done.Failures:N0} of {done.Calls:N0} calls over {name} failed.");
        }
        return new Sample(
            (done.Cpu - own.Cpu + after.Cpu - before.Cpu) / done.Calls, done.Calls / done.Elapsed * 1e6, done.P50, done.P99,
            (double)(done.Allocated - own.Allocated) / done.Calls, (double)(after.Allocated - before.Allocated) / done.Calls);
    }

    /// <summary>What the messages of a call allocate, on both sides together.</summary>
    public async Task<double> MessageBytesAsync()
    {
        const int Count = 100_000;
        return (double)(await caller.AskAsync(new Order("messages", Callers: Count))).Calls / Count;
    }

    public async ValueTask DisposeAsync()
    {
        await caller.DisposeAsync();
        await handler.DisposeAsync();
    }
}
