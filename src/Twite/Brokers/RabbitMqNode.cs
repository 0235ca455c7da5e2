using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;

namespace Twite.Brokers;

/// <summary>What a node of RabbitMQ needs besides to be one of several: whom to join, a name, and mutual TLS between them
/// (https://www.rabbitmq.com/docs/cluster-formation, https://www.rabbitmq.com/docs/clustering-ssl).</summary>
internal static class RabbitMqNode
{
    /// <summary>The file that names all others, for the server and its tools alike.</summary>
    public const string EnvironmentFile = "rabbitmq-env.conf";

    /// <summary>The secret that all nodes have, and whoever gives them orders; Erlang looks for it in the home of who starts it.</summary>
    public const string CookieFile = ".erlang.cookie";

    private const string LinkFile = "inter_node_tls.config";

    /// <summary>Makes such a secret.</summary>
    public static string NewCookie() => RandomNumberGenerator.GetHexString(32);

    /// <summary>What its settings have besides.</summary>
    public static string Settings(BrokerCluster cluster) =>
        $"""
        # Whom an empty node joins.
        cluster_formation.peer_discovery_backend = classic_config
        {string.Concat(cluster.Hosts.Select((h, i) => string.Create(CultureInfo.InvariantCulture, $"cluster_formation.classic_config.nodes.{i + 1} = {NameOf(h)}\n")))}# Those cut off from the majority stop until they are back: two halves would both go on otherwise.
        cluster_partition_handling = pause_minority

        """;

    /// <summary>The files, by name.</summary>
    public static ImmutableArray<(string Name, string Text)> Files(BrokerSetup setup, BrokerCluster cluster, BrokerPlace place) =>
        [(EnvironmentFile, Environment(setup, cluster, place)), (LinkFile, Link(place))];

    // One and the same whatever other nodes come and go. Two on one machine could not both be called "rabbit".
    private static string NameOf(string host) => $"rabbit-{host.Replace('.', '-')}@{host}";

    private static string Environment(BrokerSetup setup, BrokerCluster cluster, BrokerPlace place)
    {
        var link = $"-proto_dist inet_tls -ssl_dist_optfile {Path.Combine(place.Configuration, LinkFile)}";
        var where = setup.Host is null ? "" : $" -kernel inet_dist_use_interface {{{IPAddress.Parse(setup.Host).ToString().Replace('.', ',')}}}";
        return string.Create(CultureInfo.InvariantCulture,
            $"""
            # Made by twite, and made anew with the next change.
            HOME={place.Configuration}
            NODENAME={NameOf(cluster.Own)}
            USE_LONGNAME={(cluster.Own.Contains('.') ? "true" : "false")}
            DIST_PORT={cluster.LinkPort}
            CONFIG_FILE={Path.Combine(place.Configuration, RabbitMqConfiguration.MainFile)}
            ENABLED_PLUGINS_FILE={Path.Combine(place.Configuration, RabbitMqConfiguration.PluginsFile)}
            SERVER_ADDITIONAL_ERL_ARGS="{link}{where}"
            CTL_ERL_ARGS="{link}"

            """);
    }

    private static string Link(BrokerPlace place)
    {
        var files = $$"""{cacertfile, "{{place.AuthorityFile}}"}, {certfile, "{{place.CertificateFile}}"}, {keyfile, "{{place.KeyFile}}"}, {verify, verify_peer}""";
        return $$"""
            [
              {server, [{{files}}, {fail_if_no_peer_cert, true}]},
              {client, [{{files}}]}
            ].

            """;
    }
}
