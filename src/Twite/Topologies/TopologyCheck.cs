using Anywire;

namespace Twite.Topologies;

/// <summary>Checks a topology as a whole before anything runs: every service is placed, every address has a wire, and every wire can carry
/// what its callers may call.</summary>
internal static class TopologyCheck
{
    /// <summary>Passes, or says the first thing that is wrong.</summary>
    /// <exception cref="TopologyException">The topology cannot be run.</exception>
    public static void Require(Topology topology, Transports wires, ContractTable contracts, bool insecure) =>
        Require(Problems(topology, wires, contracts, insecure));

    /// <summary>Passes, or says the first problem.</summary>
    /// <exception cref="TopologyException">There is one.</exception>
    public static void Require(IEnumerable<string> problems)
    {
        var first = problems.Take(2).ToList();
        if (first.Count > 0)
        {
            throw new TopologyException(first[0] + (first.Count > 1 ? " That is not all: twite topology shows the rest." : ""));
        }
    }

    /// <summary>Everything that is wrong, a sentence each. Lazy: what cannot be judged before something else is mended is not judged.</summary>
    public static IEnumerable<string> Problems(Topology topology, Transports wires, ContractTable contracts, bool insecure)
    {
        var placement = Placement(topology).Concat(AddressCheck.Problems(topology, wires, insecure)).ToList();
        return placement.Count > 0 ? placement : Edges(topology, wires, contracts, insecure);
    }

    /// <summary>The methods of one service that another may call.</summary>
    public static IEnumerable<MethodContract> CallableBy(string caller, string callee, ContractTable contracts) =>
        contracts.Of(ServiceCatalog.Services[callee]).Where(c => c.AllowedCallers.IsEmpty || c.AllowedCallers.Contains(caller));

    private static IEnumerable<string> Placement(Topology topology)
    {
        foreach (var missing in ServiceCatalog.Services.Keys.Except(topology.Services.Keys))
        {
            yield return $"The topology {topology.Source} does not place {missing}, which the others call. Add \"{missing}\" to its services.";
        }
        foreach (var unknown in topology.Services.Keys.Except(ServiceCatalog.Services.Keys))
        {
            yield return $"The topology {topology.Source} places \"{unknown}\", and Twite has no such service; it has {string.Join(", ", ServiceCatalog.Services.Keys)}.";
        }
    }

    private static IEnumerable<string> Edges(Topology topology, Transports wires, ContractTable contracts, bool insecure) =>
        ServiceCatalog.Edges
            .SelectMany(edge => topology[edge.Callee].Call.Concat(topology[edge.Callee].Instances.SelectMany(i => i.Listen)).Distinct()
                .SelectMany(endpoint => EdgeCheck.Problems(CallableBy(edge.Caller, edge.Callee, contracts), endpoint, wires.For(endpoint).Traits, insecure)))
            .Distinct(StringComparer.Ordinal);
}
