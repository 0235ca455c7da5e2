using Anywire;
using Anywire.Grpc;
using Anywire.Http;
using Anywire.InProcess;
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
        .. Column.Floors,
    ];
}
