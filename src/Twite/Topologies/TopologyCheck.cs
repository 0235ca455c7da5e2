using System.Collections.Immutable;
using Anywire;

namespace Twite.Topologies;

/// <summary>Checks a topology as a whole before anything runs: every service is placed, every address has a wire, and every caller has a wire
/// that can carry what it may call.</summary>
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

    private static IEnumerable<string> Edges(Topology topology, Transports wires, ContractTable contracts, bool insecure)
    {
        var edges = new EdgeWires(topology, wires, contracts);
        return topology.Instances.SelectMany(i => i.Listen.Concat(i.Call)).SelectMany(e => EdgeCheck.Problems([], e, wires.For(e).Traits, insecure))
            .Concat(ServiceCatalog.Edges.SelectMany(edge => WaysTo(topology[edge.Callee]).SelectMany(way => edges.Problems(edge.Caller, edge.Callee, way))))
            .Distinct(StringComparer.Ordinal);
    }

    // By each of them all calls must be able to go: to where a service is called, and to where an instance listens.
    private static IEnumerable<ImmutableArray<Endpoint>> WaysTo(PlacedService callee) =>
        callee.Instances.SelectMany(i => new[] { i.Call, i.Listen });
}
