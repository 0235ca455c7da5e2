using System.Collections.Immutable;
using Anywire;
using Anywire.Messaging;

namespace Twite.Topologies;

/// <summary>What one process can reach of a topology, and by which addresses. Immutable.</summary>
/// <param name="Topology">Who runs where.</param>
/// <param name="Wires">The wires there are.</param>
/// <param name="Here">The names of the instances that this process runs.</param>
internal sealed record Reach(Topology Topology, Transports Wires, ImmutableHashSet<string> Here)
{
    /// <summary>Whether an instance of the service runs in this process.</summary>
    public bool IsHere(string service) => Topology[service].Instances.Any(i => Here.Contains(i.Name));

    /// <summary>The addresses by which this process calls a service: those of the first scheme it lists that reaches from here. A wire that never
    /// leaves the process reaches only what is in the process. Empty when there are none.</summary>
    public ImmutableArray<Endpoint> AddressesOf(string service)
    {
        var callee = Topology[service];
        foreach (var scheme in callee.Instances[0].Call.Select(e => e.Scheme).Distinct())
        {
            ImmutableArray<Endpoint> reached =
            [
                .. callee.Instances.SelectMany(i => i.Call.Where(e => e.Scheme == scheme && (Here.Contains(i.Name) || !IsLocal(e)))).Distinct(),
            ];
            if (!reached.IsEmpty)
            {
                return reached;
            }
        }
        return [];
    }

    /// <summary>The address by which every instance of one service reaches one instance of another: the first that does; null when none does.</summary>
    public Endpoint? AddressFor(string caller, PlacedInstance callee) =>
        callee.Call.FirstOrDefault(e => !IsLocal(e) || Topology[caller].Instances.All(i => Here.Contains(i.Name)));

    /// <summary>An address of an instance, and at a broker those by which its other nodes lead to the same: the one that was named may be away.</summary>
    public ImmutableArray<Endpoint> NodesOf(string service, Endpoint endpoint) => !Wires.For(endpoint).Traits.SharesAddresses ? [endpoint] :
    [
        endpoint,
        .. Topology[service].Call.Where(e => e != endpoint && e.Scheme == endpoint.Scheme && BrokerNames.Of(e) == BrokerNames.Of(endpoint)),
    ];

    /// <summary>Every call that could not be made because one side runs elsewhere, a sentence each.</summary>
    public IEnumerable<string> Problems()
    {
        foreach (var (caller, callee) in ServiceCatalog.Edges.Where(e => e.Caller != ServiceCatalog.Admin))
        {
            if (IsHere(caller) && AddressesOf(callee).IsEmpty)
            {
                yield return $"{caller} calls {callee}, which the topology {Topology.Source} joins within one process only ({Words(callee)}) and which does not run here. "
                    + $"Run {callee} here too, or give it an address that another process can reach, such as grpcs://host:port.";
            }
            if (IsHere(callee) && !Topology[caller].Instances.All(i => Here.Contains(i.Name)) && Topology[callee].Call.All(IsLocal))
            {
                yield return $"{caller}, which does not run here, calls {callee}, and the topology {Topology.Source} joins them within one process only ({Words(callee)}). "
                    + $"Run {caller} here too, or give {callee} an address that another process can reach, such as grpcs://host:port.";
            }
        }
    }

    // A wire whose peers need not prove who they are never leaves the process.
    private bool IsLocal(Endpoint endpoint) => !Wires.For(endpoint).Traits.NeedsCredentials;

    private string Words(string service) => string.Join(", ", Topology[service].Call);
}
