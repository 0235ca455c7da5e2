using Grpc.Core;

namespace Anywire.Udp.Format;

/// <summary>What no datagram has room for.</summary>
internal static class Unfit
{
    /// <summary>RESOURCE_EXHAUSTED.</summary>
    /// <param name="method">The method called.</param>
    /// <param name="what"><c>request</c> or <c>reply</c>.</param>
    /// <param name="bytes">What it takes with its metadata.</param>
    public static RpcException Because(IMethod method, string what, int bytes) => new(new Status(
        StatusCode.ResourceExhausted,
        $"The {what} of {method.FullName} takes {bytes:N0} bytes with its metadata, and a datagram has room for {Datagram.MessageBytes:N0}. Make it smaller, or give the service an address on another wire."));
}
