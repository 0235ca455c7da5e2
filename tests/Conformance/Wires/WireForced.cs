using Anywire.Wire;

namespace Anywire.Conformance.Wires;

public sealed class WireForcedConformance : ConformanceSuite
{
    protected override TransportUnderTest Create() => new()
    {
        Name = "wire-forced",
        Transport = new WireTransport(),
        Address = static () => Endpoint.Parse($"wire:conformance-{Guid.NewGuid():N}"),
    };
}
