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

    /// <summary>Every instance of every service, by name.</summary>
    public IEnumerable<PlacedInstance> Instances => Services.Values.SelectMany(s => s.Instances);

    /// <summary>The instances that some names mean: <c>accounts</c> all of that service, <c>accounts-2</c> its second replica.</summary>
    /// <exception cref="TopologyException">A name means nothing here.</exception>
    public ImmutableArray<PlacedInstance> Find(IEnumerable<string> names) =>
    [
        .. names.SelectMany(name => Services.TryGetValue(name, out var service)
            ? service.Instances
            : [Instances.FirstOrDefault(i => i.Name == name) ?? throw new TopologyException(
                $"The topology {Source} has no \"{name}\"; it has {string.Join(", ", Instances.Select(i => i.Name))}.")])
            .DistinctBy(i => i.Name, StringComparer.Ordinal),
    ];
}

/// <summary>One service's place.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Instances">Its instances, at least one. Each listens on the same wires as the first; calls are balanced over all.</param>
internal sealed record PlacedService(string Name, ImmutableArray<PlacedInstance> Instances)
{
    /// <summary>All addresses that callers may use, without doubles.</summary>
    public IEnumerable<Endpoint> Call => Instances.SelectMany(i => i.Call).Distinct();
}

/// <summary>One instance of a service: what one process runs.</summary>
/// <param name="Service">The service.</param>
/// <param name="Name">The service's name when there is one instance, else with its number: <c>accounts-2</c>.</param>
/// <param name="Listen">Where it listens; at least one address.</param>
/// <param name="Call">Where others reach it: as <see cref="Listen"/> unless something stands between.</param>
/// <param name="Urls">Where browsers find it; only the front end has any, and it has a default.</param>
internal sealed record PlacedInstance(
    string Service, string Name, ImmutableArray<Endpoint> Listen, ImmutableArray<Endpoint> Call, ImmutableArray<string> Urls);
