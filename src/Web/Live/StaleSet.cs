using System.Threading.Channels;

namespace Twite.Web.Live;

/// <summary>What is to be read again: marked by any thread, however often, and taken all at once by one.</summary>
internal sealed class StaleSet<T>
{
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Lock _gate = new();
    private HashSet<T> _marked = [];

    /// <summary>These are to be read again.</summary>
    public void Mark(params IReadOnlyCollection<T> items)
    {
        if (items.Count == 0)
        {
            return;
        }
        lock (_gate)
        {
            _marked.UnionWith(items);
        }
        _wake.Writer.TryWrite(true);
    }

    /// <summary>Takes all that are marked, once there are some.</summary>
    public async ValueTask<IReadOnlyCollection<T>> TakeAsync(CancellationToken cancellationToken)
    {
        await _wake.Reader.ReadAsync(cancellationToken);
        lock (_gate)
        {
            var taken = _marked;
            _marked = [];
            return taken;
        }
    }
}
