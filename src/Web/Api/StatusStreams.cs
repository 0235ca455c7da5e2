namespace Twite.Web.Api;

/// <summary>The renderers of the live streams: one for each address of this network, as events name it, while somebody has a stream open there.
/// Any thread.</summary>
internal sealed class StatusStreams(TwiteClients clients)
{
    // A request may claim any host, and every event is rendered for each. Who shows no token may open few, and takes none from those who do.
    private const int MaxAddresses = 12;
    private const int MaxAddressesOfStrangers = 4;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Use> _uses = new(StringComparer.Ordinal);

    /// <summary>The renderer for an address; return it with <see cref="Return"/>.</summary>
    /// <param name="links">The address.</param>
    /// <param name="isKnown">Whether whoever wants it showed a token.</param>
    /// <returns>Null when streams are open at too many others.</returns>
    public StatusStream? Take(ApiLinks links, bool isKnown)
    {
        lock (_lock)
        {
            if (!_uses.TryGetValue(links.Base, out var use))
            {
                if (_uses.Count == MaxAddresses
                    || (!isKnown && _uses.Values.Count(u => u.Known == 0) >= MaxAddressesOfStrangers))
                {
                    return null;
                }
                _uses.Add(links.Base, use = new Use(new StatusStream(clients, links)));
            }
            use.Total++;
            use.Known += isKnown ? 1 : 0;
            return use.Stream;
        }
    }

    /// <summary>Gives back what was taken for an address, once for each time.</summary>
    public void Return(ApiLinks links, bool isKnown)
    {
        lock (_lock)
        {
            var use = _uses[links.Base];
            use.Known -= isKnown ? 1 : 0;
            if (--use.Total == 0)
            {
                _uses.Remove(links.Base);
            }
        }
    }

    private sealed class Use(StatusStream stream)
    {
        public StatusStream Stream { get; } = stream;

        /// <summary>How many streams there are, and how many of those who showed a token.</summary>
        public int Total { get; set; }

        public int Known { get; set; }
    }
}
