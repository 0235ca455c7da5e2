using System.Globalization;

namespace Twite.Brokers;

/// <summary>What a NATS server needs to serve a cluster: mutual TLS with the cluster's certificates and no other way in; a user for each service, known by its
/// certificate and without a password (https://docs.nats.io/running-a-nats-service/configuration/securing_nats).</summary>
internal static class NatsConfiguration
{
    /// <summary>The file to start it with.</summary>
    public const string MainFile = "nats.conf";

    // The largest message, and room for its head.
    private const int MaxPayload = 8 * 1024 * 1024;

    /// <summary>The files, by name.</summary>
    public static IReadOnlyList<(string Name, string Text)> Files(BrokerSetup setup, BrokerPlace place) =>
    [
        (MainFile, string.Create(CultureInfo.InvariantCulture,
            $$"""
            # Made by twite, and made anew with the next change: put what is yours into another file.
            listen: "{{ListenHost(setup)}}:{{setup.Port}}"
            max_payload: {{MaxPayload}}
            jetstream { store_dir: "{{Path.Combine(place.Data, "jetstream")}}" }
            tls {
              ca_file: "{{place.AuthorityFile}}"
              cert_file: "{{place.CertificateFile}}"
              key_file: "{{place.KeyFile}}"
              # The certificate says who connects; nobody has a password.
              verify_and_map: true
            }
            authorization {
              users: [
            {{string.Concat(setup.Rights.Select(r => User(setup.Network, r)))}}    { user: "{{BrokerRights.Operator}}" }
              ]
            }
            {{(setup.Cluster is { } cluster ? Cluster(setup, cluster, place) : "")}}
            """)),
    ];

    // JetStream tells nodes apart by their names, and clusters by theirs (https://docs.nats.io/running-a-nats-service/configuration/clustering/cluster_config).
    private static string Cluster(BrokerSetup setup, BrokerCluster cluster, BrokerPlace place) => string.Create(CultureInfo.InvariantCulture,
        $$"""
        server_name: "{{cluster.Own}}"
        cluster {
          name: "{{setup.Network}}"
          listen: "{{ListenHost(setup)}}:{{cluster.LinkPort}}"
          routes: [{{string.Join(", ", cluster.Others.Select(h => string.Create(CultureInfo.InvariantCulture, $"\"nats://{BrokerSite.Literal(h)}:{cluster.LinkPort}\"")))}}]
          tls {
            ca_file: "{{place.AuthorityFile}}"
            cert_file: "{{place.CertificateFile}}"
            key_file: "{{place.KeyFile}}"
            verify: true
          }
        }

        """);

    private static string ListenHost(BrokerSetup setup) => setup.Host is null ? "0.0.0.0" : BrokerSite.Literal(setup.Host);

    private static string User(string network, BrokerRights rights) =>
        $$"""
            {
              user: "{{rights.Name}}"
              permissions: {
                subscribe: ["{{network}}.{{rights.Name}}.>"]
                publish: [
        {{string.Concat(Publishes(network, rights).Select(s => $"          \"{s}\"\n"))}}        ]
              }
            }

        """;

    private static IEnumerable<string> Publishes(string network, BrokerRights rights) =>
        rights.Callees.SelectMany(callee => CallsTo($"{network}.{callee}"))
            .Concat(rights.Callers.SelectMany(caller => new[] { $"{network}.{caller}.answers.>", $"{network}.{caller}.inbox.>" }))
            .Concat(Kept(network, rights));

    // To any of its instances, or to one that has a name of its own.
    private static IEnumerable<string> CallsTo(string callee) =>
        new[] { callee, callee + ".*" }.SelectMany(name => new[] { $"{name}.requests", $"{name}.presence", $"{name}.control", $"{name}.control.*" })
            .Append($"{callee}.events");

    // What waits for it, and what was given up: its own streams and nobody else's (https://docs.nats.io/reference/reference-protocols/nats_api_reference).
    private static IEnumerable<string> Kept(string network, BrokerRights rights)
    {
        yield return "$JS.API.INFO";
        foreach (var name in rights.Instances.Select(i => $"{rights.Name}.{i}").Prepend(rights.Name))
        {
            // What it has and cannot handle now it puts behind the others.
            yield return $"{network}.{name}.events";
            yield return $"{network}.{name}.dead";
            foreach (var stream in new[] { "events", "dead" }.Select(kept => $"{network}.{name}.{kept}".Replace('.', '_')))
            {
                yield return $"$JS.API.STREAM.*.{stream}";
                yield return $"$JS.API.CONSUMER.*.{stream}";
                yield return $"$JS.API.CONSUMER.*.{stream}.>";
                yield return $"$JS.API.CONSUMER.DURABLE.CREATE.{stream}.>";
                yield return $"$JS.API.CONSUMER.MSG.NEXT.{stream}.>";
                yield return $"$JS.ACK.{stream}.>";
            }
        }
    }
}
