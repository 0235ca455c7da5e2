using Grpc.Core;

namespace Twite.Hosting;

/// <summary>Whether the services that run elsewhere can be reached from here. Asks when it is asked, all at once, and remembers the answer for a
/// second. Any thread may use it.</summary>
/// <param name="ways">Each service and how to connect to it.</param>
/// <param name="time">The clock.</param>
internal sealed class Neighbours(IReadOnlyList<(string Service, Func<CancellationToken, Task> ConnectAsync)> ways, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Kept = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private Task<string?>? _answer;
    private long _answeredAt;

    /// <summary>Which services cannot be reached, in people's words; null when all can.</summary>
    public Task<string?> MissingAsync()
    {
        lock (_lock)
        {
            if (_answer is null || (_answer.IsCompleted && time.GetElapsedTime(_answeredAt) > Kept))
            {
                _answeredAt = time.GetTimestamp();
                _answer = AskAsync();
            }
            return _answer;
        }
    }

    private async Task<string?> AskAsync()
    {
        var answers = await Task.WhenAll(ways.Select(w => Task.Run(() => AskAsync(w.Service, w.ConnectAsync))));
        var missing = answers.OfType<string>().ToList();
        return missing.Count == 0 ? null : "degraded: " + string.Join("; ", missing);
    }

    private async Task<string?> AskAsync(string service, Func<CancellationToken, Task> connectAsync)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        try
        {
            await connectAsync(patience.Token);
            return null;
        }
        catch (Exception error) when (error is RpcException or OperationCanceledException or ObjectDisposedException)
        {
            return patience.IsCancellationRequested || error is not RpcException rpc
                ? $"{service} does not answer"
                : $"{service} cannot be reached ({rpc.Status.Detail.TrimEnd('.')})";
        }
    }
}
