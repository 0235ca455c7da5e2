using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using RpcStatus = Google.Rpc.Status;

namespace Anywire;

/// <summary>Errors with the standard <c>google.rpc</c> details, so that a caller on any wire learns which field broke which rule.
/// Messages are for people: what happened, to what, what to do.</summary>
public static class RpcErrors
{
    /// <summary>INVALID_ARGUMENT with <see cref="BadRequest"/>: which field, which rule.</summary>
    /// <param name="field">The field's name in the request message.</param>
    /// <param name="rule">A stable upper-case word for the broken rule, such as <c>TOO_LONG</c>.</param>
    /// <param name="message">The sentence for people.</param>
    public static RpcException InvalidArgument(string field, string rule, string message) => new RpcStatus
    {
        Code = (int)Code.InvalidArgument,
        Message = message,
        Details =
        {
            Any.Pack(new BadRequest
            {
                FieldViolations = { new BadRequest.Types.FieldViolation { Field = field, Reason = rule, Description = message } },
            }),
        },
    }.ToRpcException();

    /// <summary>An error with <see cref="ErrorInfo"/>: a stable upper-case reason that programs can tell apart.</summary>
    public static RpcException Failure(StatusCode code, string reason, string message) => new RpcStatus
    {
        Code = (int)code,
        Message = message,
        Details = { Any.Pack(new ErrorInfo { Reason = reason }) },
    }.ToRpcException();

    /// <summary>NOT_FOUND.</summary>
    public static RpcException NotFound(string message) => Failure(StatusCode.NotFound, "NOT_FOUND", message);

    /// <summary>RESOURCE_EXHAUSTED with <see cref="RetryInfo"/>: when trying again makes sense.</summary>
    public static RpcException TooMany(string message, TimeSpan retryAfter) => new RpcStatus
    {
        Code = (int)Code.ResourceExhausted,
        Message = message,
        Details = { Any.Pack(new RetryInfo { RetryDelay = Duration.FromTimeSpan(retryAfter) }) },
    }.ToRpcException();

    /// <summary>RESOURCE_EXHAUSTED: a message is larger than its contract allows.</summary>
    /// <param name="method">The method called.</param>
    /// <param name="what"><c>request</c> or <c>reply</c>.</param>
    /// <param name="size">Its serialized size in bytes.</param>
    /// <param name="limit">The most bytes allowed.</param>
    public static RpcException TooLarge(IMethod method, string what, long size, int limit) => new(new(
        StatusCode.ResourceExhausted, $"The {what} of {method.FullName} has {size:N0} bytes; at most {limit:N0} are allowed."));

    /// <summary>UNIMPLEMENTED: a wire carries no streams of requests.</summary>
    internal static RpcException NoRequestStreams(IMethod method, string wire) => new(new(
        StatusCode.Unimplemented, $"{method.FullName} takes a stream of requests, which {wire} does not carry here. Use gRPC."));

    /// <summary>The first violated field of an INVALID_ARGUMENT error; null when it carries none.</summary>
    public static BadRequest.Types.FieldViolation? Violation(this RpcException error) =>
        error.GetRpcStatus()?.GetDetail<BadRequest>()?.FieldViolations.FirstOrDefault();

    /// <summary>The stable reason of an error made by <see cref="Failure"/>; null when it carries none.</summary>
    public static string? Reason(this RpcException error) => error.GetRpcStatus()?.GetDetail<ErrorInfo>()?.Reason;
}
