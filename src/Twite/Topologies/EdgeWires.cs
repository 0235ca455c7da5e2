using Anywire;

namespace Twite.Topologies;

/// <summary>Which wire each edge of a topology takes: of those that the callee lists, the first that can carry all that the caller may call. Immutable.</summary>
/// <param name="Topology">Who runs where.</param>
/// <param name="Wires">The wires there are.</param>
/// <param name="Contracts">What each method needs.</param>
internal sealed record EdgeWires(Topology Topology, Transports Wires, ContractTable Contracts)
{
    /// <summary>The methods of one service that another may call.</summary>
    public IEnumerable<MethodContract> Methods(string caller, string callee) =>
        Contracts.Of(ServiceCatalog.Services[callee]).Where(c => c.AllowedCallers.IsEmpty || c.AllowedCallers.Contains(caller));

    /// <summary>What the wire of an edge can honour, from a process of the caller's own or, where a wire in process comes first, within the callee's.</summary>
    public TransportTraits TraitsOf(string caller, string callee)
    {
        var addresses = Topology[callee].Call.ToList();
        return Wires.For(addresses.Find(e => Carries(caller, callee, e)) ?? addresses[0]).Traits;
    }

    /// <summary>Whether the wire of an address can carry all that one service may call of another.</summary>
    public bool Carries(string caller, string callee, Endpoint address) => !Refusals(caller, callee, address).Any();

    /// <summary>Why none of some addresses will do for an edge: what is wrong with those on the first wire among them, a sentence each. Empty when one will do.</summary>
    public IEnumerable<string> Problems(string caller, string callee, IReadOnlyList<Endpoint> addresses) => addresses.Any(e => Carries(caller, callee, e))
        ? []
        : addresses.Where(e => e.Scheme == addresses[0].Scheme).SelectMany(e => Refusals(caller, callee, e));

    // Whether plain schemes are allowed is another question, asked of every address.
    private IEnumerable<string> Refusals(string caller, string callee, Endpoint address) =>
        EdgeCheck.Problems(Methods(caller, callee), address, Wires.For(address).Traits, insecure: true);
}
