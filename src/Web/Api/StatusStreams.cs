namespace Twite.Web.Api;

/// <summary>The renderers of the live streams: one for each address of this network, as events name it, while somebody has a stream open there.
/// Any thread.</summary>
internal sealed class StatusStreams(TwiteClients clients)
{
    // A request may claim any host, and every event is rendered for each.
    private const int MaxAddresses = 8;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, StatusStream> _streams = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _uses = new(StringComparer.Ordinal);

    /// <summary>The renderer for an address; return it with <see cref="Return"/>.</summary>
    /// <returns>Null when streams are open at too many others.</returns>
    public StatusStream? Take(ApiLinks links)
    {
        lock (_lock)
        {
            if (!_streams.TryGetValue(links.Base, out var stream))
            {
                if (_streams.Count == MaxAddresses)
                {
                    return null;
                }
                _streams.Add(links.Base, stream = new StatusStream(clients, links));
            }
            _uses[links.Base] = _uses.GetValueOrDefault(links.Base) + 1;
            return stream;
        }
    }

    /// <summary>Gives back what was taken for an address, once for each time.</summary>
    public void Return(ApiLinks links)
    {
        lock (_lock)
        {
            if (--_uses[links.Base] == 0)
            {
                _uses.Remove(links.Base);
                _streams.Remove(links.Base);
            }
        }
    }
}
