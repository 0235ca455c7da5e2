using Anywire;
using Anywire.Grpc;
using Anywire.Http;
using Anywire.InProcess;
using Anywire.Nats;
using Anywire.RabbitMq;
using Anywire.Tcp;
using Anywire.Udp;
using Twite.Brokers;
using Twite.Lab;

namespace Twite.Comparing;

/// <summary>What <c>twite compare</c> compares: one line adds a wire.</summary>
internal static class LabColumns
{
    /// <summary>All of them, in the order of the report.</summary>
    public static IReadOnlyList<Column> All { get; } =
    [
        Column.Wire("inproc", "In process", "inproc:{name}", () => new Transports(new InProcessTransport())),
        Column.Wire("https", "HTTP, JSON", "https://127.0.0.1:{port}", () => new Transports(new HttpTransport())),
        Column.Wire("https-protobuf", "HTTP, protobuf", "https://127.0.0.1:{port}?codec=protobuf", () => new Transports(new HttpTransport()), "The same HTTP with the other codec."),
        Column.Wire("grpcs", "gRPC", "grpcs://127.0.0.1:{port}", () => new Transports(new GrpcTransport())),
        Column.Wire("grpc", "gRPC, plain", "grpc://127.0.0.1:{port}", () => new Transports(new GrpcTransport()), "Without TLS: what security costs."),
        Column.Wire("tcps", "TCP", "tcps://127.0.0.1:{port}", () => new Transports(new TcpTransport())),
        Column.Wire("tcp", "TCP, plain", "tcp://127.0.0.1:{port}", () => new Transports(new TcpTransport()), "Without TLS: what security costs."),
        Column.Wire("udps", "UDP", "udps://127.0.0.1:{port}", Datagrams, "Events and live updates by sealed datagrams; in the screen, all else over TCP beside them.", beside: "tcps://127.0.0.1:{port}", sendsDatagrams: true),
        Column.Wire("udp", "UDP, plain", "udp://127.0.0.1:{port}", Datagrams, "The same without sealing, and TCP beside it without TLS: what security costs.", beside: "tcp://127.0.0.1:{port}", sendsDatagrams: true),
        Column.Wire("rabbitmq", "RabbitMQ", "amqps://127.0.0.1:{port}/twite", () => new Transports(new RabbitMqTransport()), Sealed),
        Column.Wire("nats", "NATS", "natss://127.0.0.1:{port}", () => new Transports(new NatsTransport()), Sealed),
        .. Column.Floors,
    ];

    // A constant, for the list stands before everything else.
    private const string Sealed = "Through a broker, which is a process of its own; both sides talk to it over mutual TLS, and every message is sealed.";

    private static Transports Datagrams() => new(new UdpTransport(), new TcpTransport());

    /// <summary>The broker that a column needs and that this machine does not have; null when nothing is missing.</summary>
    public static BrokerKind? MissingFor(Column column) =>
        column.HasBroker && BrokerKind.Of(column.AddressOf("lab", 1)) is { Installed: null } missing ? missing : null;
}
