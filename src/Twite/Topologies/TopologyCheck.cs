using System.Net;
using System.Net.Sockets;
using Anywire;

namespace Twite.Topologies;

/// <summary>Checks a topology as a whole before anything runs: every service is placed, every address has a wire, and every wire can carry
/// what its callers may call.</summary>
internal static class TopologyCheck
{
    /// <summary>Passes, or says the first thing that is wrong.</summary>
    /// <exception cref="TopologyException">The topology cannot be run.</exception>
    public static void Require(Topology topology, Transports wires, ContractTable contracts, bool insecure)
    {
        var problems = Problems(topology, wires, contracts, insecure).Take(2).ToList();
        if (problems.Count > 0)
        {
            throw new TopologyException(problems[0] + (problems.Count > 1 ? " That is not all: twite topology shows the rest." : ""));
        }
    }

    /// <summary>Everything that is wrong, a sentence each. Lazy: what cannot be judged before something else is mended is not judged.</summary>
    public static IEnumerable<string> Problems(Topology topology, Transports wires, ContractTable contracts, bool insecure)
    {
        var placement = Placement(topology).Concat(Addresses(topology, wires, insecure)).ToList();
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

    private static IEnumerable<string> Addresses(Topology topology, Transports wires, bool insecure)
    {
        var taken = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (service, endpoint) in topology.Services.Values.SelectMany(s => s.Listen.Select(e => (s.Name, e))))
        {
            if (endpoint.Port == 0)
            {
                yield return $"In the topology {topology.Source}, {service} listens at {endpoint}: with port 0 nobody would know where. Name a port.";
            }
            if (!taken.TryAdd(endpoint.ToString(), service))
            {
                yield return $"In the topology {topology.Source}, {taken[endpoint.ToString()]} and {service} both listen at {endpoint}. Give one of them another address.";
            }
            var transport = wires.All.FirstOrDefault(t => t.Traits.Carries(endpoint.Scheme));
            if (transport is null)
            {
                yield return $"In the topology {topology.Source}, {service} listens at {endpoint}, and no wire has the scheme \"{endpoint.Scheme}:\". There are {Schemes(wires)}.";
            }
            else if (endpoint.Scheme == transport.Traits.PlainScheme && insecure && !IsPrivate(endpoint))
            {
                yield return $"In the topology {topology.Source}, {service} listens unsecured at {endpoint}, which strangers could reach. Use {transport.Traits.Scheme}:, or a loopback or private address.";
            }
        }
    }

    private static IEnumerable<string> Edges(Topology topology, Transports wires, ContractTable contracts, bool insecure) =>
        ServiceCatalog.Edges
            .SelectMany(edge => topology[edge.Callee].Listen.SelectMany(endpoint => EdgeCheck.Problems(
                CallableBy(edge.Caller, edge.Callee, contracts), endpoint, wires.For(endpoint).Traits, insecure)))
            .Distinct(StringComparer.Ordinal);

    /// <summary>The methods of one service that another may call.</summary>
    public static IEnumerable<MethodContract> CallableBy(string caller, string callee, ContractTable contracts) =>
        contracts.Of(ServiceCatalog.Services[callee]).Where(c => c.AllowedCallers.IsEmpty || c.AllowedCallers.Contains(caller));

    private static string Schemes(Transports wires) =>
        string.Join(", ", wires.All.SelectMany(t => new[] { t.Traits.Scheme, t.Traits.PlainScheme }).OfType<string>().Select(s => s + ":"));

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
