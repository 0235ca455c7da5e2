using Grpc.Core;

namespace Twite.Bench.Sockets;

/// <summary>What shares the connection with the calls that are measured.</summary>
internal sealed class Neighbour : IAsyncDisposable
{
    /// <summary>A stream of which one message is read and then no more.</summary>
    public const string Stalled = "stalled";

    /// <summary>Answers of 4 MiB, the next asked for when the last has come.</summary>
    public const string Bulk = "bulk";

    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Sockets.Bulk.BulkClient _client;
    private Task _running = Task.CompletedTask;
    private long _fetched;

    private Neighbour(CallInvoker invoker) => _client = new(invoker);

    /// <summary>Large answers that have come.</summary>
    public long Fetched => Interlocked.Read(ref _fetched);

    /// <summary>Begins.</summary>
    /// <returns>When the first message has come.</returns>
    public static async Task<Neighbour> StartAsync(CallInvoker invoker, string which)
    {
        var neighbour = new Neighbour(invoker);
        neighbour._running = which == Stalled ? neighbour.StallAsync() : neighbour.FetchAsync();
        // The task that ends first says why, if there was no message.
        await await Task.WhenAny(neighbour._begun.Task, neighbour._running);
        return neighbour;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    private async Task StallAsync()
    {
        using var stalled = _client.Watch(new Bytes(), cancellationToken: _stop.Token);
        if (!await stalled.ResponseStream.MoveNext(CancellationToken.None))
        {
            throw new InvalidOperationException("The stream ended by itself.");
        }
        _begun.TrySetResult();
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task FetchAsync()
    {
        try
        {
            while (!_stop.IsCancellationRequested)
            {
                await _client.FetchAsync(new Bytes(), cancellationToken: _stop.Token);
                Interlocked.Increment(ref _fetched);
                _begun.TrySetResult();
            }
        }
        catch (RpcException error) when (error.StatusCode == StatusCode.Cancelled && _stop.IsCancellationRequested)
        {
            // Enough.
        }
    }
}
