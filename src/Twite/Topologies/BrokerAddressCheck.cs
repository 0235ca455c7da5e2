using Anywire;
using Anywire.Messaging;
using Twite.Brokers;

namespace Twite.Topologies;

/// <summary>Checks the addresses of a topology that lead to a broker: there many may share one, and names tell them apart.</summary>
internal static class BrokerAddressCheck
{
    private const string Queries = "?network=NAME and &instance=NAME, of letters, digits, - and _";

    /// <summary>Everything that is wrong, a sentence each.</summary>
    public static IEnumerable<string> Problems(Topology topology)
    {
        var wrong = topology.Instances.SelectMany(i => Each(i, topology.Source)).ToList();
        return wrong.Count > 0 ? wrong : topology.Services.Values.SelectMany(s => Together(s, topology.Source)).Concat(OneNetwork(topology));
    }

    private static IEnumerable<string> Each(PlacedInstance instance, string source)
    {
        foreach (var endpoint in BrokersOf(instance))
        {
            if (BrokerNames.Of(endpoint) is not { } names)
            {
                yield return $"In the topology {source}, {instance.Name} is at {endpoint}, and \"{endpoint.Uri.Query}\" is not understood there. A broker's address may have {Queries}.";
            }
            else if (names.Instance is not null && instance.Service != ServiceCatalog.Web)
            {
                yield return $"In the topology {source}, {instance.Name} is at {endpoint}, and any instance of {instance.Service} may answer. Leave instance= out: only front ends are told apart by it.";
            }
        }
        if (NamesOf(instance).Count() > 1)
        {
            yield return $"In the topology {source}, {instance.Name} is at a broker by several names. Give all its addresses of one wire the same network= and instance=.";
        }
    }

    // What one front end is sent is not for another: the names must differ, whichever node of a broker they are used at.
    private static IEnumerable<string> Together(PlacedService service, string source) => service.Name != ServiceCatalog.Web ? [] :
        service.Instances.SelectMany(i => NamesOf(i).Select(names => (i.Name, names))).GroupBy(i => i.names).Where(g => g.Count() > 1)
            .Select(g => $"In the topology {source}, {string.Join(" and ", g.Select(i => i.Name))} are at a broker by one name, and each gets live updates of its own. Add ?instance=NAME to the address of each.");

    private static IEnumerable<string> OneNetwork(Topology topology) =>
        topology.Instances.SelectMany(BrokersOf).GroupBy(e => BrokerKind.Of(e)!.Name, StringComparer.Ordinal)
            .Where(g => g.Select(e => (BrokerSite.Of(e)!.Network, BrokerSite.Of(e)!.VirtualHost)).Distinct().Count() > 1)
            .Select(g => $"In the topology {topology.Source}, addresses of {g.Key} differ in network= or virtual host, so services would not find each other: {string.Join(", ", g.Distinct())}. Use one of each.");

    private static IEnumerable<Endpoint> BrokersOf(PlacedInstance instance) => instance.Listen.Concat(instance.Call).Distinct().Where(e => BrokerKind.Of(e) is not null);

    private static IEnumerable<(string Kind, BrokerNames Names)> NamesOf(PlacedInstance instance) =>
        BrokersOf(instance).Select(e => (BrokerKind.Of(e)!.Name, BrokerNames.Of(e)!)).Distinct();
}
