namespace Twite.EndToEnd;

/// <summary>A network that browsers visit. It starts when the first of them comes, for a run that leaves its tests out needs none.</summary>
public abstract class VisitedNetwork : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private Task<string>? _starting;

    /// <summary>Starts it unless it runs.</summary>
    /// <returns>Where browsers find it; no slash at the end.</returns>
    public Task<string> StartAsync()
    {
        lock (_lock)
        {
            return _starting ??= StartOnceAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Starts it.</summary>
    /// <returns>Where browsers find it.</returns>
    protected abstract Task<string> StartOnceAsync();

    /// <summary>Ends it, if it was started.</summary>
    protected abstract ValueTask StopAsync();
}
