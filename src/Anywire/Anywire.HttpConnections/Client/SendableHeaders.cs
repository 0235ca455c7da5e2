using System.Buffers;
using Grpc.Core;

namespace Anywire.HttpConnections.Client;

/// <summary>What a header can carry: printable ASCII (gRPC, PROTOCOL-HTTP2.md, "ASCII-Value"). The platform takes some of the rest for a lost connection, and writes a line's end as
/// one, so that a value could bring headers of its own.</summary>
internal static class SendableHeaders
{
    private static readonly SearchValues<char> Printable = SearchValues.Create([.. Enumerable.Range(' ', '~' - ' ' + 1).Select(static c => (char)c), '\t']);

    /// <exception cref="RpcException">A header holds something else; INTERNAL, as trying again does not mend it.</exception>
    public static void Check(HttpRequestMessage request)
    {
        foreach (var (name, values) in request.Headers.NonValidated)
        {
            foreach (var value in values)
            {
                if (value.AsSpan().ContainsAnyExcept(Printable))
                {
                    throw new RpcException(new Status(
                        StatusCode.Internal, $"The metadata \"{name}\" holds more than printable ASCII, which a header cannot carry: give its key the end {Metadata.BinaryHeaderSuffix}."));
                }
            }
        }
    }
}
