using Anywire.Certificates;
using Anywire.Udp;
using Twite.Faults;

namespace Anywire.Conformance.Wires;

public sealed class UdpConformance : ConformanceSuite
{
    protected override TransportUnderTest Create() => new()
    {
        Name = "UDP",
        Transport = new UdpTransport(),
        Address = () => OverSockets.FreePort("udps"),
        CredentialsOf = new TestAuthority().For,
    };
}

public sealed class PlainUdpConformance : ConformanceSuite
{
    // The code is the same but for the seals and the control connection.
    public override ValueTask InitializeAsync()
    {
        LongForm.RequireIf(isLong: true);
        return base.InitializeAsync();
    }

    protected override TransportUnderTest Create() => new()
    {
        Name = "UDP, plain",
        Transport = new UdpTransport(),
        Address = () => OverSockets.FreePort("udp"),
    };
}
