using Grpc.Core;

namespace Anywire.Http.Server;

/// <summary>A request that HTTP itself has a status for, finer than gRPC's code.</summary>
internal sealed class HttpFailure(int httpStatus, StatusCode code, string message) : RpcException(new Status(code, message))
{
    /// <summary>The status it is answered with.</summary>
    public int HttpStatus => httpStatus;

    /// <summary>413: the body is larger than any request of the method may be.</summary>
    public static HttpFailure TooLarge(string method, long limit) => new(
        413, StatusCode.ResourceExhausted, $"The body is too large: one for {method} has at most {limit:N0} bytes.");

    /// <summary>415: the body is of a type that nobody reads here.</summary>
    public static HttpFailure UnknownType(string? contentType) => new(
        415, StatusCode.InvalidArgument,
        string.IsNullOrEmpty(contentType)
            ? "The body has no Content-Type. Send application/json or application/protobuf."
            : "A body of this Content-Type cannot be read here. Send application/json or application/protobuf.");
}
