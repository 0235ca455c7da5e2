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
    private Task<IReadOnlyList<Missing>>? _answer;
    private long _answeredAt;

    /// <summary>Which services cannot be reached.</summary>
    public Task<IReadOnlyList<Missing>> MissingAsync()
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

    private async Task<IReadOnlyList<Missing>> AskAsync() =>
        [.. (await Task.WhenAll(ways.Select(w => Task.Run(() => AskAsync(w.Service, w.ConnectAsync))))).OfType<Missing>()];

    private async Task<Missing?> AskAsync(string service, Func<CancellationToken, Task> connectAsync)
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
                ? new Missing($"{service} does not answer", null)
                : new Missing($"{service} cannot be reached", rpc.Status.Detail.TrimEnd('.'));
        }
    }

    /// <summary>A service that cannot be reached.</summary>
    /// <param name="Problem">In people's words, fit for strangers.</param>
    /// <param name="Detail">Which address, and why: for operators; null when there is nothing to add.</param>
    public sealed record Missing(string Problem, string? Detail)
    {
        /// <inheritdoc/>
        public override string ToString() => Detail is null ? Problem : $"{Problem} ({Detail})";
    }
}
