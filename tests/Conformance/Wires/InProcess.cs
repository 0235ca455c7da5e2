using Anywire.InProcess;

namespace Anywire.Conformance.Wires;

public sealed class InProcessConformance : ConformanceSuite
{
    protected override TransportUnderTest Create() => OverMemory(verify: false) with { WithHandOverCheck = static () => OverMemory(verify: true) };

    private static TransportUnderTest OverMemory(bool verify) => new()
    {
        Name = "in process",
        Transport = new InProcessTransport(new InProcessOptions { VerifyHandOver = verify }),
        Address = static () => Endpoint.Parse($"inproc:conformance-{Guid.NewGuid():N}"),
    };
}
