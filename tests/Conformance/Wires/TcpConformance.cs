using Anywire.Certificates;
using Anywire.Tcp;

namespace Anywire.Conformance.Wires;

public sealed class TcpConformance : ConformanceSuite
{
    protected override TransportUnderTest Create()
    {
        var authority = new TestAuthority();
        return OverTcp.Any("TCP", "tcps") with { CredentialsOf = authority.For };
    }
}

public sealed class PlainTcpConformance : ConformanceSuite
{
    protected override TransportUnderTest Create() => OverTcp.Any("TCP, plain", "tcp");
}

internal static class OverTcp
{
    public static TransportUnderTest Any(string name, string scheme) => new()
    {
        Name = name,
        Transport = new TcpTransport(),
        Address = () => OverSockets.FreePort(scheme),
    };
}
