using Grpc.Core;

namespace Anywire.Messaging.Tests;

/// <summary>Waits on conditions, so long that only a hang reaches the end.</summary>
internal static class Wait
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(40);
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(20);

    public static Task<T> Soon<T>(this Task<T> task) => task.WaitAsync(Timeout);

    public static async Task<RpcException> FailsAsync(StatusCode code, Func<Task> call)
    {
        var error = await Assert.ThrowsAsync<RpcException>(() => call().WaitAsync(Timeout));
        Assert.True(code == error.StatusCode, $"{code} was to be expected, but the call failed with {error.StatusCode}: {error.Status.Detail}");
        return error;
    }

    public static async Task UntilAsync(Func<Task<bool>> condition, string what)
    {
        using var patience = new CancellationTokenSource(Timeout);
        while (!await condition())
        {
            Assert.False(patience.IsCancellationRequested, $"Waited {Timeout.TotalSeconds:N0} s in vain until {what}.");
            await Task.Delay(Glance, TimeProvider.System, CancellationToken.None);
        }
    }

    public static Task UntilAsync(Func<bool> condition, string what) => UntilAsync(() => Task.FromResult(condition()), what);
}
