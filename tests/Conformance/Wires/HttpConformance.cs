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
        return Any(name, "https", query) with { CredentialsOf = authority.For, TakesManyCancelledCalls = false };
    }

    public static TransportUnderTest Any(string name, string scheme, string query) => new()
    {
        Name = name,
        Transport = new HttpTransport(),
        Address = () => Endpoint.Parse($"{OverSockets.FreePort(scheme)}{query}"),
    };
}
