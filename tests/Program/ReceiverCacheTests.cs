using Anywire;
using Microsoft.Extensions.Logging.Abstractions;
using Twite.Hosting;
using Twite.Notifications;
using Twite.Topologies;

namespace Twite.ProgramTests;

/// <summary>Which ways to receivers stay open.</summary>
public sealed class ReceiverCacheTests
{
    private static readonly ContractTable Contracts = new(ServiceCatalog.Services.Values);

    private readonly Transports _transports = Composition.Transports();
    private int _opened;

    [Fact]
    public async Task There_is_room_for_all_front_ends_and_the_one_asked_for_longest_ago_makes_more()
    {
        await using var cache = new ReceiverCache();
        const int Most = ReceiverCache.Capacity;
        Assert.InRange(new NotificationsOptions { DataDirectory = "" }.MaxLeases, 1, Most);
        for (var round = 0; round < 2; round++)
        {
            for (var frontEnd = 0; frontEnd < Most; frontEnd++)
            {
                Ask(cache, frontEnd);
            }
        }
        Assert.Equal(Most, _opened);
        Ask(cache, 0);
        Ask(cache, Most);
        Ask(cache, 0);
        Assert.Equal(Most + 1, _opened);
        Ask(cache, 1);
        Assert.Equal(Most + 2, _opened);
    }

    private void Ask(ReceiverCache cache, int frontEnd)
    {
        var endpoint = Endpoint.Parse($"inproc:web-{frontEnd}");
        cache.GetOrAdd(endpoint, () =>
        {
            _opened++;
            return new AnywireClient(_transports.For(endpoint), new TransportClientOptions
            {
                Endpoints = [endpoint], Service = "web", Caller = "notifications", Contracts = Contracts, Loggers = NullLoggerFactory.Instance, Time = TimeProvider.System,
            });
        });
    }
}
