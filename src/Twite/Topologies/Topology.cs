using System.Collections.Immutable;
using Anywire;

namespace Twite.Topologies;

/// <summary>Who runs where, on which wire. Immutable. What calls whom is not said: it follows from the services
/// (<see cref="ServiceCatalog"/>).</summary>
/// <param name="Source">Where it was read from, for messages.</param>
/// <param name="Services">Every service of the network, by name.</param>
internal sealed record Topology(string Source, ImmutableSortedDictionary<string, PlacedService> Services)
{
    /// <summary>A service by its name.</summary>
    public PlacedService this[string name] => Services[name];
}

/// <summary>One service's place.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Listen">Where it listens; at least one address. Callers use those of the first one's scheme; several of one scheme
/// are replicas, over which calls are balanced.</param>
internal sealed record PlacedService(string Name, ImmutableArray<Endpoint> Listen)
{
    /// <summary>The addresses that callers use.</summary>
    public IEnumerable<Endpoint> CallAt => Listen.Where(e => e.Scheme == Listen[0].Scheme);
}
