using System.Collections.Immutable;
using System.Net;
using Anywire;
using Anywire.Messaging;
using Twite.Topologies;

namespace Twite.Brokers;

/// <summary>One broker that a topology's addresses lead to. Immutable.</summary>
/// <param name="Kind">Which kind.</param>
/// <param name="IsSecured">Whether it is reached by TLS.</param>
/// <param name="Host">Where it listens: an IP address or a name.</param>
/// <param name="Port">The port.</param>
/// <param name="VirtualHost">RabbitMQ's virtual host; <c>/</c> elsewhere.</param>
/// <param name="Network">What all names begin with there.</param>
internal sealed record BrokerSite(BrokerKind Kind, bool IsSecured, string Host, int Port, string VirtualHost, string Network)
{
    /// <summary>Its address, without what concerns one service or another.</summary>
    public string Address =>
        $"{(IsSecured ? Kind.Scheme : Kind.PlainScheme)}://{Literal(Host)}:{Port}{(VirtualHost == "/" ? "" : "/" + WebUtility.UrlEncode(VirtualHost))}";

    /// <summary>A host as it stands before a port: an IPv6 address in brackets (RFC 3986, section 3.2.2).</summary>
    public static string Literal(string host) => host.Contains(':') ? $"[{host}]" : host;

    /// <summary>Every broker that a topology's addresses lead to, each once.</summary>
    public static ImmutableArray<BrokerSite> In(Topology topology) =>
        [.. topology.Instances.SelectMany(i => i.Listen.Concat(i.Call)).Select(Of).OfType<BrokerSite>().Distinct()];

    /// <summary>The broker that an address leads to; null when it leads to none.</summary>
    public static BrokerSite? Of(Endpoint endpoint)
    {
        if (BrokerKind.Of(endpoint) is not { } kind)
        {
            return null;
        }
        var isSecured = endpoint.Scheme == kind.Scheme;
        return new BrokerSite(
            kind, isSecured, endpoint.Host.Trim('[', ']'), endpoint.Port > 0 ? endpoint.Port : isSecured ? kind.DefaultPort : kind.DefaultPlainPort,
            endpoint.Path.Trim('/') is { Length: > 0 } path ? WebUtility.UrlDecode(path) : "/", (BrokerNames.Of(endpoint) ?? BrokerNames.Default).Network);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Kind.Name} at {Address}";
}
