using Anywire;
using Anywire.Grpc;
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
        Column.Wire("grpcs", "gRPC", "grpcs://127.0.0.1:{port}", () => new Transports(new GrpcTransport())),
        Column.Wire("grpc", "gRPC, plain", "grpc://127.0.0.1:{port}", () => new Transports(new GrpcTransport()), "Without TLS: what security costs."),
        .. Column.Floors,
    ];
}
