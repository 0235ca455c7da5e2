using Grpc.Core;

namespace Twite.Bench.Sockets;

/// <summary>The calling side with what shares its connection.</summary>
internal sealed class CallerSide(IVerifier verifier, CallInvoker? invoker) : IAsyncDisposable
{
    private Neighbour? _neighbour;

    /// <summary>Large answers that have come since somebody fetches them.</summary>
    public long Fetched => _neighbour?.Fetched ?? 0;

    /// <summary>From now on that shares the connection, and nothing else does.</summary>
    public async Task<Outcome> ShareAsync(string beside)
    {
        if (_neighbour is { } last)
        {
            _neighbour = null;
            await last.DisposeAsync();
        }
        if (beside.Length > 0)
        {
            _neighbour = await Neighbour.StartAsync(invoker ?? throw new InvalidOperationException("A bare socket carries nothing else."), beside);
        }
        return new Outcome();
    }

    public async ValueTask DisposeAsync()
    {
        await ShareAsync("");
        await verifier.DisposeAsync();
    }
}
