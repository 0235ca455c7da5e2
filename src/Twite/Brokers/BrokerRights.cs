using System.Collections.Immutable;
using Anywire.Messaging;
using Twite.Topologies;

namespace Twite.Brokers;

/// <summary>Which names at a broker one user needs: its own, and those by which it reaches whom it calls and answers whom it is called by. Immutable.</summary>
/// <param name="Name">The service or client, which is the broker's user.</param>
/// <param name="Instances">Its instances that have names of their own.</param>
/// <param name="Callees">Whom it calls.</param>
/// <param name="Callers">Who calls it.</param>
internal sealed record BrokerRights(string Name, ImmutableArray<string> Instances, ImmutableArray<string> Callees, ImmutableArray<string> Callers)
{
    /// <summary>The operator's user, who may do everything.</summary>
    public const string Operator = ServiceCatalog.Admin;

    /// <summary>Those of all who use the brokers of a topology.</summary>
    /// <param name="topology">Who runs where.</param>
    /// <param name="clients">Others who have certificates: they may call every service; which methods, contracts say.</param>
    public static ImmutableArray<BrokerRights> Of(Topology topology, IEnumerable<string> clients)
    {
        ImmutableArray<string> others = [.. clients.Where(c => !ServiceCatalog.Services.ContainsKey(c) && c != Operator)];
        return
        [
            .. ServiceCatalog.Services.Keys.Select(service => new BrokerRights(
                service,
                InstancesOf(topology, service),
                [.. ServiceCatalog.Edges.Where(e => e.Caller == service).Select(e => e.Callee)],
                [.. ServiceCatalog.Edges.Where(e => e.Callee == service).Select(e => e.Caller), .. others])),
            .. others.Select(client => new BrokerRights(client, [], [.. ServiceCatalog.Services.Keys], [])),
        ];
    }

    private static ImmutableArray<string> InstancesOf(Topology topology, string service) =>
    [
        .. topology[service].Instances.SelectMany(i => i.Listen.Concat(i.Call)).Where(e => BrokerKind.Of(e) is not null)
            .Select(e => BrokerNames.Of(e)?.Instance).OfType<string>().Distinct(StringComparer.Ordinal),
    ];
}
