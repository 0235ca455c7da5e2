using Anywire;
using Microsoft.Extensions.Logging;
using Twite.Topologies;

namespace Twite.Hosting;

/// <summary>What every way between services of this process shares. Immutable.</summary>
/// <param name="Reach">Which addresses lead to whom from here.</param>
/// <param name="Loggers">Where logs go.</param>
/// <param name="Time">The clock.</param>
internal sealed record Wiring(Reach Reach, ILoggerFactory Loggers, TimeProvider Time)
{
    /// <summary>The wires there are.</summary>
    public Transports Transports => Reach.Wires;

    /// <summary>What each method needs.</summary>
    public ContractTable Contracts => Reach.Edges.Contracts;

    /// <summary>Whether an address needs certificates.</summary>
    public static bool IsSecured(TransportTraits traits, Endpoint endpoint) => !traits.SharesMemory && endpoint.Scheme == traits.Scheme;

    /// <inheritdoc cref="IsSecured(TransportTraits, Endpoint)"/>
    public bool IsSecured(Endpoint endpoint) => IsSecured(Transports.For(endpoint).Traits, endpoint);
}
