using System.Collections.Immutable;
using System.Net;
using Twite.Keys;

namespace Twite.Brokers;

/// <summary>What a broker is set up for. Immutable.</summary>
/// <param name="Kind">Which kind.</param>
/// <param name="Host">The IP address at which it listens; null for all addresses of its machine.</param>
/// <param name="Port">The port.</param>
/// <param name="VirtualHost">RabbitMQ's virtual host.</param>
/// <param name="Network">What all names begin with.</param>
/// <param name="Rights">Who may use it, and for what.</param>
internal sealed record BrokerSetup(BrokerKind Kind, string? Host, int Port, string VirtualHost, string Network, ImmutableArray<BrokerRights> Rights)
{
    /// <summary>The nodes that it is one of; null when it is the only one.</summary>
    public BrokerCluster? Cluster { get; init; }

    /// <summary>That of one broker of a topology.</summary>
    public static BrokerSetup Of(BrokerSite site, ImmutableArray<BrokerRights> rights) =>
        new(site.Kind, ListenAddressOf(site.Host), site.Port, site.VirtualHost, site.Network, rights);

    /// <summary>Writes the configuration.</summary>
    /// <param name="folder">Where to; made when it does not exist.</param>
    /// <param name="place">Where everything will be when the broker runs.</param>
    /// <returns>The names of the files.</returns>
    public IReadOnlyList<string> Write(string folder, BrokerPlace place)
    {
        place.Require(inShell: Kind == BrokerKind.RabbitMq && Cluster is not null);
        PrivateFile.MakeDirectory(folder);
        var files = Kind == BrokerKind.Nats ? NatsConfiguration.Files(this, place) : RabbitMqConfiguration.Files(this, place);
        foreach (var (name, text) in files)
        {
            PrivateFile.WritePublic(Path.Combine(folder, name), text);
        }
        return [.. files.Select(f => f.Name)];
    }

    // A name may mean another address tomorrow, and what is called by name is meant for other machines.
    private static string? ListenAddressOf(string host) => host == "localhost" ? IPAddress.Loopback.ToString() : IPAddress.TryParse(host, out var address) ? address.ToString() : null;
}
