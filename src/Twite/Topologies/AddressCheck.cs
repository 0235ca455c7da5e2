using System.Net;
using System.Net.Sockets;
using Anywire;

namespace Twite.Topologies;

/// <summary>Checks the addresses of a topology: each by itself, those of one service together, and all of them against each other.</summary>
internal static class AddressCheck
{
    /// <summary>Everything that is wrong, a sentence each.</summary>
    public static IEnumerable<string> Problems(Topology topology, Transports wires, bool insecure) =>
        topology.Instances.SelectMany(i => Each(i, topology.Source, wires, insecure))
            .Concat(topology.Services.Values.SelectMany(s => Together(s, topology.Source, wires)))
            .Concat(Taken(topology, wires))
            .Concat(OnePort(topology, wires))
            .Concat(BrokerAddressCheck.Problems(topology));

    private static IEnumerable<string> Each(PlacedInstance instance, string source, Transports wires, bool insecure)
    {
        var where = $"In the topology {source}, {instance.Name}";
        foreach (var endpoint in instance.Listen.Concat(instance.Call).Distinct())
        {
            var transport = wires.All.FirstOrDefault(t => t.Traits.Carries(endpoint.Scheme));
            if (endpoint.Port == 0)
            {
                yield return $"{where} listens at {endpoint}: with port 0 nobody would know where. Name a port.";
            }
            if (transport is null)
            {
                yield return $"{where} listens at {endpoint}, and no wire has the scheme \"{endpoint.Scheme}:\". There are {Schemes(wires)}.";
            }
            else if (endpoint.Scheme == transport.Traits.PlainScheme && insecure && !IsPrivate(endpoint))
            {
                yield return $"{where} listens unsecured at {endpoint}, which strangers could reach. Use {transport.Traits.Scheme}:, or a loopback or private address.";
            }
        }
        foreach (var twice in instance.Listen.GroupBy(e => e).Where(g => g.Count() > 1))
        {
            yield return $"{where} listens at {twice.Key} twice. Write it once.";
        }
        foreach (var nowhere in instance.Listen.Concat(instance.Call).Distinct().Where(e => IsWildcard(e) && IsShared(e, wires)))
        {
            yield return $"{where} is at {nowhere}, which means every address of a machine and names no broker. Say where the broker is.";
        }
        foreach (var everywhere in instance.Call.Where(e => IsWildcard(e) && !IsShared(e, wires)))
        {
            yield return $"{where} is called at {everywhere}, which means every address of a machine and can only be listened on. "
                + $"Say where others reach it: \"call\": [\"{everywhere.Scheme}://host:{everywhere.Port}\"].";
        }
        if (instance.Service != ServiceCatalog.Web && !instance.Urls.IsEmpty)
        {
            yield return $"{where} has \"urls\", and no browser goes there: only {ServiceCatalog.Web} has them.";
        }
        foreach (var url in instance.Urls.Where(u => !BrowserUrl.IsOne(u)))
        {
            yield return $"{where} has \"{url}\" among its \"urls\", which is not where a browser could go; one looks like {BrowserUrl.Default}.";
        }
    }

    private static IEnumerable<string> Together(PlacedService service, string source, Transports wires)
    {
        var first = service.Instances[0];
        foreach (var instance in service.Instances.Where(i => !SchemesOf(i).SequenceEqual(SchemesOf(first), StringComparer.Ordinal)))
        {
            yield return $"In the topology {source}, {instance.Name} is called by {string.Join(", ", SchemesOf(instance))} and {first.Name} by {string.Join(", ", SchemesOf(first))}. "
                + "Give all replicas of a service the same wires in the same order: a caller uses one of them for all.";
        }
        if (service.Name == ServiceCatalog.Web && service.Instances.SelectMany(i => i.Call).GroupBy(e => e).FirstOrDefault(g => g.Count() > 1 && !IsShared(g.Key, wires)) is { } shared)
        {
            yield return $"In the topology {source}, all front ends are called at {shared.Key}, and each gets live updates of its own. Give each replica its own \"call\".";
        }
    }

    private static IEnumerable<string> Taken(Topology topology, Transports wires)
    {
        var owners = new Dictionary<Endpoint, PlacedInstance>();
        foreach (var instance in topology.Instances)
        {
            // Two may listen at [::]:5151 when they do so on different machines.
            foreach (var endpoint in instance.Listen.Concat(instance.Call).Distinct().Where(e => !IsWildcard(e) && !IsShared(e, wires)))
            {
                if (!owners.TryAdd(endpoint, instance) && owners[endpoint] is var owner && (owner.Service != instance.Service || instance.Listen.Contains(endpoint)))
                {
                    yield return $"In the topology {topology.Source}, {owner.Name} and {instance.Name} both {(instance.Listen.Contains(endpoint) ? "listen" : "are called")} at {endpoint}. "
                        + "Give one of them another address.";
                }
            }
        }
    }

    // A port of a machine is one listener's, whatever wire it is for: UDP has a connection for control at the port of TCP with the same number.
    private static IEnumerable<string> OnePort(Topology topology, Transports wires) =>
        topology.Instances.SelectMany(i => i.Listen.Where(e => e.Port > 0 && !IsShared(e, wires)).Select(e => (Machine: IsWildcard(e) ? i.Name : "", Endpoint: e)))
            .GroupBy(l => (l.Machine, l.Endpoint.Host, l.Endpoint.Port), l => l.Endpoint).Where(g => g.DistinctBy(e => e.Scheme).Count() > 1)
            .Select(g => $"In the topology {topology.Source}, {string.Join(" and ", g.Distinct())} are one port of one machine, and each wire needs one of its own. Use different numbers.");

    private static IEnumerable<string> SchemesOf(PlacedInstance instance) => instance.Call.Select(e => e.Scheme).Distinct(StringComparer.Ordinal);

    private static string Schemes(Transports wires) =>
        string.Join(", ", wires.All.SelectMany(t => new[] { t.Traits.Scheme, t.Traits.PlainScheme }).OfType<string>().Select(s => s + ":"));

    // It leads to a broker, which tells those who use it apart by their names.
    private static bool IsShared(Endpoint endpoint, Transports wires) =>
        wires.All.FirstOrDefault(t => t.Traits.Carries(endpoint.Scheme))?.Traits.SharesAddresses == true;

    private static bool IsWildcard(Endpoint endpoint) =>
        IPAddress.TryParse(endpoint.Host.Trim('[', ']'), out var address) && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any));

    private static bool IsPrivate(Endpoint endpoint)
    {
        if (endpoint.Host == "localhost")
        {
            return true;
        }
        if (!IPAddress.TryParse(endpoint.Host.Trim('[', ']'), out var address))
        {
            return false;
        }
        if (IPAddress.IsLoopback(address) || address.IsIPv6UniqueLocal || address.IsIPv6LinkLocal)
        {
            return true;
        }
        return address.AddressFamily == AddressFamily.InterNetwork && address.GetAddressBytes() is [10, ..] or [172, >= 16 and <= 31, ..] or [192, 168, ..] or [169, 254, ..];
    }
}
