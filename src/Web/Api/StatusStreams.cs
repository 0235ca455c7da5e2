namespace Twite.Web.Api;

/// <summary>The renderers of the live streams: one for each address that this network is reached at, as events name it. Any thread.</summary>
internal sealed class StatusStreams(TwiteClients clients)
{
    // A request may claim any host. Past these, events carry the links of the first.
    private const int MaxAddresses = 8;

    private readonly Lock _lock = new();
    private readonly List<(string Base, StatusStream Stream)> _streams = [];

    public StatusStream For(ApiLinks links)
    {
        lock (_lock)
        {
            foreach (var (address, known) in _streams)
            {
                if (address == links.Base)
                {
                    return known;
                }
            }
            if (_streams.Count == MaxAddresses)
            {
                return _streams[0].Stream;
            }
            var stream = new StatusStream(clients, links);
            _streams.Add((links.Base, stream));
            return stream;
        }
    }
}
