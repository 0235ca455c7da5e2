using Twite.Faults.History;

namespace Twite.Faults.Load;

/// <summary>Several who watch.</summary>
internal sealed class Screens(IReadOnlyList<Screen> screens) : IAsyncDisposable
{
    /// <summary>What all have shown, once they have caught up.</summary>
    public IReadOnlyList<ScreenOperation> Operations => [.. screens.Select(s => new ScreenOperation(s.Shown, Complete: true))];

    /// <summary>What all have shown so far, and when.</summary>
    public IEnumerable<(SeenMessage Message, long At)> ShownAt => screens.SelectMany(s => s.ShownAt);

    /// <summary>Waits until all are connected.</summary>
    public Task WatchingAsync(TimeSpan patience) => Task.WhenAll(screens.Select(s => s.Watching)).WaitAsync(patience);

    /// <summary>Waits until a message was shown by all, or for as long as it may take: whoever judges says what is missing.</summary>
    public async Task ShownAsync(long id, TimeSpan patience)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!screens.All(s => s.Shown.Any(m => m.Id == id)) && TimeProvider.System.GetElapsedTime(started) < patience)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var screen in screens)
        {
            await screen.DisposeAsync();
        }
    }
}
