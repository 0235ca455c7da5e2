using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Twite.Keys;
using Twite.Topologies;

namespace Twite.Brokers;

/// <summary>The nodes of one broker, and which of them is set up. Immutable.</summary>
/// <param name="Own">The host of the node that is set up.</param>
/// <param name="Hosts">The hosts of all, in the topology's order.</param>
/// <param name="LinkPort">Where each listens for the others.</param>
internal sealed record BrokerCluster(string Own, ImmutableArray<string> Hosts, int LinkPort)
{
    // As far above the port for services as NATS' usual one is.
    private const int LinkOffset = 2_000;

    /// <summary>Where the others are.</summary>
    public IEnumerable<string> Others => Hosts.Where(h => h != Own);

    /// <summary>Gives a node what all nodes have alike: the broker's certificate, and the secret by which nodes of RabbitMQ let each other in.</summary>
    /// <param name="kind">Which kind of broker.</param>
    /// <param name="from">The broker's folder.</param>
    /// <param name="to">The node's.</param>
    /// <returns>The names of the files that are no certificates.</returns>
    public static IReadOnlyList<string> Share(BrokerKind kind, string from, string to)
    {
        foreach (var certificate in new[] { "ca.pem", KeyFolder.Broker + ".pem" })
        {
            PrivateFile.WritePublic(Path.Combine(to, certificate), File.ReadAllText(Path.Combine(from, certificate)));
        }
        PrivateFile.WriteSecret(Path.Combine(to, KeyFolder.Broker + ".key"), File.ReadAllText(Path.Combine(from, KeyFolder.Broker + ".key")));
        if (kind != BrokerKind.RabbitMq)
        {
            return [];
        }
        var cookie = Path.Combine(from, RabbitMqNode.CookieFile);
        PrivateFile.WriteSecretOnce(cookie, RabbitMqNode.NewCookie);
        PrivateFile.WriteSecret(Path.Combine(to, RabbitMqNode.CookieFile), File.ReadAllText(cookie));
        return [RabbitMqNode.CookieFile];
    }

    /// <summary>A broker's nodes, each set up.</summary>
    /// <param name="topology">Who runs where, for messages.</param>
    /// <param name="nodes">The nodes, at least two.</param>
    /// <param name="rights">Who may use them, and for what.</param>
    /// <exception cref="TopologyException">They cannot be set up together; the message says why.</exception>
    public static ImmutableArray<BrokerSetup> Of(Topology topology, IReadOnlyList<BrokerSite> nodes, ImmutableArray<BrokerRights> rights)
    {
        var (first, all) = (nodes[0], string.Join(", ", nodes.Select(n => n.Address)));
        if (nodes.Any(n => n.Port != first.Port))
        {
            throw new TopologyException($"The topology {topology.Source} has nodes of one {first.Kind.Name} on different ports ({all}), and nodes are machines of their own. Give all the same port.");
        }
        if (first.Port + LinkOffset > IPEndPoint.MaxPort)
        {
            throw new TopologyException($"The topology {topology.Source} has {all}, whose nodes would talk with each other at port {first.Port + LinkOffset}. Use one of at most {IPEndPoint.MaxPort - LinkOffset}.");
        }
        if (first.Kind == BrokerKind.RabbitMq && nodes.FirstOrDefault(n => IPAddress.TryParse(n.Host, out var ip) && ip.AddressFamily == AddressFamily.InterNetworkV6) is { } six)
        {
            throw new TopologyException($"The topology {topology.Source} has {six.Address}, and a node of RabbitMQ cannot be called by such an address. Call it by a name.");
        }
        ImmutableArray<string> hosts = [.. nodes.Select(n => n.Host)];
        return [.. nodes.Select(n => BrokerSetup.Of(n, rights) with { Cluster = new BrokerCluster(n.Host, hosts, first.Port + LinkOffset) })];
    }
}
