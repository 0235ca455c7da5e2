using Anywire.Certificates;
using Anywire.Http;

namespace Anywire.Conformance.Wires;

public sealed class HttpJsonConformance : ConformanceSuite
{
    protected override TransportUnderTest Create() => OverHttp.Secured("HTTP, JSON", "");
}

public sealed class HttpProtobufConformance : ConformanceSuite
{
    protected override TransportUnderTest Create() => OverHttp.Secured("HTTP, protobuf", "?codec=protobuf");
}

public sealed class PlainHttpConformance : ConformanceSuite
{
    protected override TransportUnderTest Create() => OverHttp.Any("HTTP/1.1, plain", "http", "");
}

internal static class OverHttp
{
    public static TransportUnderTest Secured(string name, string query)
    {
        var authority = new TestAuthority();
        return Any(name, "https", query) with { CredentialsOf = authority.For };
    }

    public static TransportUnderTest Any(string name, string scheme, string query) => new()
    {
        Name = name,
        Transport = new HttpTransport(),
        WithoutStorms = "Kestrel closes the connection of a request that it has answered before all of it came, for its time was over: the caller may lose the answer",
        Address = () => Endpoint.Parse($"{OverSockets.FreePort(scheme)}{query}"),
    };
}
