using Grpc.Core;

namespace Anywire.Client;

/// <summary>How a transport connects again to an address that it cannot reach, the same on every wire with sockets.</summary>
internal static class Reconnecting
{
    /// <summary>Within this time after a failure nobody connects anew: a herd of waiting calls fails with the first instead of trying one by one.</summary>
    public static readonly TimeSpan FailFast = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest pause between two attempts.</summary>
    public static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);

    /// <summary>The pause before the next attempt: twice as long each time, the later half of it by chance, so that those who lost the same peer do not come back together.</summary>
    /// <param name="failures">How many attempts have failed one after the other before the last one.</param>
    public static TimeSpan PauseAfter(int failures)
    {
        var bound = Math.Min(FirstPause.Ticks << Math.Min(failures, 10), LongestPause.Ticks);
        return TimeSpan.FromTicks(bound / 2 + Random.Shared.NextInt64(bound / 2));
    }

    /// <summary>Sees the failure of an attempt that nobody waits for, or not any more: nobody is to be told of it.</summary>
    public static void Observe(Task attempt) => _ = attempt.ContinueWith(
        static a => a.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

    /// <summary>The first connection that can be had: an address that does not answer holds up nobody.</summary>
    /// <param name="attempts">One for each address; at least one.</param>
    /// <param name="cancellationToken">Gives up waiting; the attempts go on.</param>
    /// <exception cref="RpcException">None can: what the last of them failed with.</exception>
    public static async Task<T> FirstAsync<T>(IEnumerable<Task<T>> attempts, CancellationToken cancellationToken)
    {
        var underWay = attempts.ToList();
        foreach (var attempt in underWay)
        {
            // Whichever is not waited for any more may fail too.
            Observe(attempt);
        }
        while (true)
        {
            var ended = await Task.WhenAny(underWay).WaitAsync(cancellationToken);
            underWay.Remove(ended);
            if (ended.IsCompletedSuccessfully || underWay.Count == 0)
            {
                return await ended;
            }
        }
    }
}
