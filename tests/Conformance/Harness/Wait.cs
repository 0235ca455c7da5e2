using Grpc.Core;

namespace Anywire.Conformance;

/// <summary>Waits on conditions, with a timeout so generous that only a hang reaches it.</summary>
internal static class Wait
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(10);

    public static Task Soon(this Task task) => task.WaitAsync(Timeout);

    public static Task<T> Soon<T>(this Task<T> task) => task.WaitAsync(Timeout);

    /// <summary>The failure a call ends with.</summary>
    public static async Task<RpcException> FailsAsync(Func<Task> call) => await Assert.ThrowsAsync<RpcException>(() => call().Soon());

    /// <summary>The failure a call ends with, of that code.</summary>
    public static async Task<RpcException> FailsAsync(StatusCode code, Func<Task> call)
    {
        var error = await FailsAsync(call);
        Assert.True(code == error.StatusCode, $"{code} was to be expected, but the call failed with {error.StatusCode}: {error.Status.Detail}");
        return error;
    }

    public static Task UntilAsync(Func<bool> condition, string what) => UntilAsync(() => Task.FromResult(condition()), what);

    public static async Task UntilAsync(Func<Task<bool>> condition, string what)
    {
        using var patience = new CancellationTokenSource(Timeout);
        while (!await condition())
        {
            Assert.False(patience.IsCancellationRequested, $"Waited {Timeout.TotalSeconds:N0} s in vain until {what}.");
            await Task.Delay(Glance, TimeProvider.System, CancellationToken.None);
        }
    }

    /// <summary>Waits until a count has stood still for many glances, and gives it.</summary>
    public static async Task<int> UntilStillAsync(Func<int> count, int glances = 30)
    {
        var (last, still) = (count(), 0);
        await UntilAsync(
            () =>
            {
                var now = count();
                (last, still) = (now, now == last ? still + 1 : 0);
                return still >= glances;
            },
            "a count stands still");
        return last;
    }

    public static async Task<List<T>> ToListAsync<T>(this IAsyncStreamReader<T> reader)
    {
        var all = new List<T>();
        while (await reader.MoveNext(CancellationToken.None).Soon())
        {
            all.Add(reader.Current);
        }
        return all;
    }
}
