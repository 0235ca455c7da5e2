using System.Collections.Immutable;
using Anywire;

namespace Twite.Brokers;

/// <summary>A kind of broker that messages can go through. Immutable.</summary>
/// <param name="Name">What people call it.</param>
/// <param name="Scheme">The scheme of its secured addresses.</param>
/// <param name="PlainScheme">The scheme of its plain ones.</param>
/// <param name="DefaultPort">Where it listens with TLS when an address does not say.</param>
/// <param name="DefaultPlainPort">Where it listens without.</param>
/// <param name="Program">What its program is called.</param>
/// <param name="Folders">Where its program is looked for.</param>
/// <param name="HowToGet">For whoever has none.</param>
internal sealed record BrokerKind(
    string Name, string Scheme, string PlainScheme, int DefaultPort, int DefaultPlainPort, string Program, ImmutableArray<string> Folders, string HowToGet)
{
    /// <summary>RabbitMQ. Packages leave a wrapper in the search path that changes to a user of its own, so it is looked for elsewhere.</summary>
    public static readonly BrokerKind RabbitMq = new(
        "RabbitMQ", "amqps", "amqp", 5671, 5672, "rabbitmq-server",
        ["/usr/lib/rabbitmq/bin", "/opt/homebrew/opt/rabbitmq/sbin", "/usr/local/opt/rabbitmq/sbin"],
        "On Debian and Ubuntu: sudo apt install rabbitmq-server; for other systems see https://www.rabbitmq.com/docs/download");

    /// <summary>NATS.</summary>
    public static readonly BrokerKind Nats = new(
        "NATS", "natss", "nats", 4222, 4222, "nats-server",
        [.. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries), "/usr/sbin", "/usr/local/sbin", "/opt/homebrew/bin"],
        "On Debian and Ubuntu: sudo apt install nats-server; for other systems see https://nats.io/download");

    /// <summary>All of them.</summary>
    public static readonly ImmutableArray<BrokerKind> All = [RabbitMq, Nats];

    /// <summary>Its program on this machine; null when it is not installed.</summary>
    public string? Installed => Folders.Select(f => Path.Combine(f, Program)).FirstOrDefault(File.Exists);

    /// <summary>What to say where it is needed and is not installed.</summary>
    public string NotInstalled => $"{Name} is not installed on this machine. {HowToGet}";

    /// <summary>The kind that addresses of this one's scheme lead to; null when they lead to no broker.</summary>
    public static BrokerKind? Of(Endpoint endpoint) => All.FirstOrDefault(k => k.Scheme == endpoint.Scheme || k.PlainScheme == endpoint.Scheme);
}
