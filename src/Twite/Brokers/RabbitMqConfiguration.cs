using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Twite.Brokers;

/// <summary>What RabbitMQ needs to serve a cluster: mutual TLS with the cluster's certificates and no other way in; a user for each service, known by its certificate
/// and without a password (https://www.rabbitmq.com/docs/ssl, https://www.rabbitmq.com/docs/access-control).</summary>
internal static class RabbitMqConfiguration
{
    /// <summary>The file to start it with.</summary>
    public const string MainFile = "rabbitmq.conf";

    /// <summary>The file that says which plug-ins it uses.</summary>
    public const string PluginsFile = "enabled_plugins";

    private const string DefinitionsFile = "definitions.json";

    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        // Rights are regular expressions, which people read.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The files, by name.</summary>
    public static IReadOnlyList<(string Name, string Text)> Files(BrokerSetup setup, BrokerPlace place) =>
    [
        (MainFile, Settings(setup, place)),
        (DefinitionsFile, JsonSerializer.Serialize(Definitions(setup), Format) + "\n"),
        (PluginsFile, "[rabbitmq_auth_mechanism_ssl].\n"),
        .. setup.Cluster is { } cluster ? RabbitMqNode.Files(setup, cluster, place) : [],
    ];

    private static string Settings(BrokerSetup setup, BrokerPlace place) => string.Create(CultureInfo.InvariantCulture,
        $"""
        # Made by twite, and made anew with the next change: put what is yours into another file.
        listeners.tcp = none
        {(setup.Host is null ? "listeners.ssl.default = " : $"listeners.ssl.1 = {setup.Host}:")}{setup.Port}
        ssl_options.cacertfile = {place.AuthorityFile}
        ssl_options.certfile = {place.CertificateFile}
        ssl_options.keyfile = {place.KeyFile}
        ssl_options.versions.1 = tlsv1.3
        ssl_options.versions.2 = tlsv1.2
        # The certificate says who connects; nobody has a password.
        ssl_options.verify = verify_peer
        ssl_options.fail_if_no_peer_cert = true
        auth_mechanisms.1 = EXTERNAL
        ssl_cert_login_from = common_name
        # Who there is and what they may do.
        load_definitions = {Path.Combine(place.Configuration, DefinitionsFile)}
        {(setup.Cluster is { } cluster ? RabbitMqNode.Settings(cluster) : "")}
        """);

    private static object Definitions(BrokerSetup setup) => new
    {
        vhosts = new[] { new { name = setup.VirtualHost } },
        // Without a hash no password is the right one.
        users = setup.Rights.Select(r => r.Name).Append(BrokerRights.Operator).Select(name => new { name, password_hash = "", tags = "" }),
        permissions = setup.Rights.Select(rights => Service(setup, rights)).Append(Permission(setup, BrokerRights.Operator, ".*", ".*", ".*")),
    };

    // The default exchange leads to every queue: whom a message is from is proved by its seal. Who may bind to amq.direct hears of every call that is cancelled, its number and
    // between whom it was: no more is sent there.
    private static object Service(BrokerSetup setup, BrokerRights rights)
    {
        var own = $@"{setup.Network}\.{rights.Name}\.";
        return Permission(setup, rights.Name, $"^{own}", $@"^({own}.*|amq\.default|amq\.direct)$", $@"^({own}.*|amq\.direct)$");
    }

    private static object Permission(BrokerSetup setup, string user, string configure, string write, string read) =>
        new { user, vhost = setup.VirtualHost, configure, write, read };
}
