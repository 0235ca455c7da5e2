using Anywire.Certificates;
using Anywire.Grpc;
using Twite.Faults;
using Twite.Hosting;

namespace Anywire.Conformance.Wires;

public sealed class GrpcConformance : ConformanceSuite
{
    protected override TransportUnderTest Create()
    {
        var authority = new TestAuthority();
        return OverSockets.Grpc("grpcs") with { CredentialsOf = authority.For };
    }
}

public sealed class PlainGrpcConformance : ConformanceSuite
{
    // The code is the same but for TLS.
    public override ValueTask InitializeAsync()
    {
        LongForm.RequireIf(isLong: true);
        return base.InitializeAsync();
    }

    protected override TransportUnderTest Create() => OverSockets.Grpc("grpc") with { Name = "gRPC, plain" };
}

internal static class OverSockets
{
    public static TransportUnderTest Grpc(string scheme) => new()
    {
        Name = "gRPC",
        Transport = new GrpcTransport(),
        // CVE-2023-44487.
        WithoutStorms = "Kestrel takes many cancelled calls over HTTP/2 for an attack, and closes the connection",
        Address = () => FreePort(scheme),
    };

    /// <summary>An address with a port that nobody has.</summary>
    public static Endpoint FreePort(string scheme) => Endpoint.Parse($"{scheme}://127.0.0.1:{UnusedPorts.Find()}");
}
