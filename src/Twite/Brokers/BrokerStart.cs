using System.Globalization;
using System.Security.Cryptography;
using Twite.Hosting;
using Twite.Keys;

namespace Twite.Brokers;

/// <summary>How a broker is started. Immutable.</summary>
/// <param name="Program">Its program.</param>
/// <param name="Arguments">Its command line.</param>
/// <param name="Environment">What is added to the environment.</param>
/// <param name="MapperPort">Where Erlang's port mapper shall listen for it; null when it needs none.</param>
internal sealed record BrokerStart(string Program, IReadOnlyList<string> Arguments, IReadOnlyDictionary<string, string> Environment, int? MapperPort)
{
    /// <summary>Whether a line of its output tells only that all is well: a banner, a list of what it can do. RabbitMQ's log has it too.</summary>
    public bool IsSmallTalk(string line) =>
        line.StartsWith("  ", StringComparison.Ordinal) || line.Contains(" [info] ", StringComparison.Ordinal) || line.Contains(" [notice] ", StringComparison.Ordinal) || line.Contains(" [INF] ", StringComparison.Ordinal);

    /// <summary>Writes a broker's configuration and says how to start it.</summary>
    /// <param name="setup">What it serves.</param>
    /// <param name="program">Its program.</param>
    /// <param name="folder">Where its files are, configuration and data; made when it does not exist.</param>
    /// <param name="certificates">The folder with the broker's own certificate.</param>
    public static BrokerStart Prepare(BrokerSetup setup, string program, string folder, string certificates)
    {
        setup.Write(folder, new BrokerPlace(certificates, folder, folder));
        if (setup.Kind == BrokerKind.Nats)
        {
            return new BrokerStart(program, ["-c", Path.Combine(folder, NatsConfiguration.MainFile)], new Dictionary<string, string>(StringComparer.Ordinal), null);
        }
        var cookie = Path.Combine(folder, RabbitMqNode.CookieFile);
        // The name is part of where the data is, and must stay when the folder moves.
        var node = Path.Combine(folder, "node");
        PrivateFile.WriteSecretOnce(cookie, RabbitMqNode.NewCookie);
        PrivateFile.WriteSecretOnce(node, () => $"twite-{RandomNumberGenerator.GetHexString(8, lowercase: true)}@localhost");
        var ports = UnusedPorts.Find(2);
        return new BrokerStart(program, [], RabbitMqEnvironment(folder, File.ReadAllText(node).Trim(), distribution: ports[0], mapper: ports[1]), ports[1]);
    }

    private static Dictionary<string, string> RabbitMqEnvironment(string folder, string node, int distribution, int mapper) => new(StringComparer.Ordinal)
    {
        ["HOME"] = folder,
        ["RABBITMQ_NODENAME"] = node,
        ["RABBITMQ_CONFIG_FILE"] = Path.Combine(folder, RabbitMqConfiguration.MainFile),
        ["RABBITMQ_ENABLED_PLUGINS_FILE"] = Path.Combine(folder, RabbitMqConfiguration.PluginsFile),
        ["RABBITMQ_MNESIA_BASE"] = Path.Combine(folder, "mnesia"),
        ["RABBITMQ_LOG_BASE"] = Path.Combine(folder, "log"),
        ["RABBITMQ_PID_FILE"] = Path.Combine(folder, "pid"),
        ["RABBITMQ_DIST_PORT"] = Text(distribution),
        // The machine's own settings are those of another broker.
        ["RABBITMQ_CONF_ENV_FILE"] = "/dev/null",
        ["ERL_EPMD_PORT"] = Text(mapper),
        ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
        // Its script becomes the broker instead of staying in front of it, so that it is the process that we know.
        ["RUNNING_UNDER_SYSTEMD"] = "true",
        // Ctrl-C is ours to act on; what nodes of a cluster talk through is nobody's business.
        ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "+B i -noinput -kernel inet_dist_use_interface {127,0,0,1}",
    };

    private static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);
}
