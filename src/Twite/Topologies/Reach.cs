using System.Collections.Immutable;
using Anywire;
using Anywire.Messaging;

namespace Twite.Topologies;

/// <summary>What one process can reach of a topology, and by which addresses. Immutable.</summary>
/// <param name="Edges">Who runs where, and which wires can carry what.</param>
/// <param name="Here">The names of the instances that this process runs.</param>
internal sealed record Reach(EdgeWires Edges, ImmutableHashSet<string> Here)
{
    /// <summary>Who runs where.</summary>
    public Topology Topology => Edges.Topology;

    /// <summary>The wires there are.</summary>
    public Transports Wires => Edges.Wires;

    /// <summary>Whether an instance of the service runs in this process.</summary>
    public bool IsHere(string service) => Topology[service].Instances.Any(i => Here.Contains(i.Name));

    /// <summary>The addresses by which one service in this process calls another: those of the first scheme that the callee lists, that reaches it from here, and
    /// that can carry all that the caller may call. A wire that never leaves the process reaches only what is in the process. Empty when there are none.</summary>
    public ImmutableArray<Endpoint> AddressesOf(string caller, string callee)
    {
        foreach (var scheme in Topology[callee].Instances[0].Call.Select(e => e.Scheme).Distinct())
        {
            ImmutableArray<Endpoint> reached = [.. Reached(callee).Where(e => e.Scheme == scheme && Edges.Carries(caller, callee, e))];
            if (!reached.IsEmpty)
            {
                return reached;
            }
        }
        return [];
    }

    /// <summary>The address by which every instance of one service reaches one instance of another: the first that does and can carry its calls; null when none
    /// does.</summary>
    public Endpoint? AddressFor(string caller, PlacedInstance callee) => callee.Call.FirstOrDefault(
        e => (!IsLocal(e) || Topology[caller].Instances.All(i => Here.Contains(i.Name))) && Edges.Carries(caller, callee.Service, e));

    /// <summary>An address of an instance, and at a broker those by which its other nodes lead to the same: the one that was named may be away.</summary>
    public ImmutableArray<Endpoint> NodesOf(string service, Endpoint endpoint) => !Wires.For(endpoint).Traits.SharesAddresses ? [endpoint] :
    [
        endpoint,
        .. Topology[service].Call.Where(e => e != endpoint && e.Scheme == endpoint.Scheme && BrokerNames.Of(e) == BrokerNames.Of(endpoint)),
    ];

    /// <summary>Every call that could not be made because one side runs elsewhere, a sentence each.</summary>
    public IEnumerable<string> Problems() =>
        ServiceCatalog.Edges.Where(e => e.Caller != ServiceCatalog.Admin).SelectMany(e => Outgoing(e.Caller, e.Callee).Concat(Incoming(e.Caller, e.Callee)));

    private IEnumerable<string> Outgoing(string caller, string callee)
    {
        if (!IsHere(caller) || !AddressesOf(caller, callee).IsEmpty)
        {
            return [];
        }
        var reached = Reached(callee).ToList();
        return reached.Count > 0
            ? Uncarried(caller, callee, reached)
            : [$"{caller} calls {callee}, which the topology {Topology.Source} joins within one process only ({Words(callee)}) and which does not run here. "
                + $"Run {callee} here too, or give it an address that another process can reach, such as grpcs://host:port."];
    }

    private IEnumerable<string> Incoming(string caller, string callee)
    {
        if (!IsHere(callee) || Topology[caller].Instances.All(i => Here.Contains(i.Name)))
        {
            return [];
        }
        var fromElsewhere = Topology[callee].Call.Where(e => !IsLocal(e)).ToList();
        return fromElsewhere.Count > 0
            ? Uncarried(caller, callee, fromElsewhere)
            : [$"{caller}, which does not run here, calls {callee}, and the topology {Topology.Source} joins them within one process only ({Words(callee)}). "
                + $"Run {caller} here too, or give {callee} an address that another process can reach, such as grpcs://host:port."];
    }

    private IEnumerable<string> Uncarried(string caller, string callee, IReadOnlyList<Endpoint> addresses) =>
        Edges.Problems(caller, callee, addresses).Select(p => $"{caller} and {callee} do not run in one process, and between processes {p}");

    private IEnumerable<Endpoint> Reached(string callee) =>
        Topology[callee].Instances.SelectMany(i => i.Call.Where(e => Here.Contains(i.Name) || !IsLocal(e))).Distinct();

    // A wire whose peers need not prove who they are never leaves the process.
    private bool IsLocal(Endpoint endpoint) => !Wires.For(endpoint).Traits.NeedsCredentials;

    private string Words(string service) => string.Join(", ", Topology[service].Call);
}
