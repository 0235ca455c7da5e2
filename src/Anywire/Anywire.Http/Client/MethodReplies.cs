using Anywire.Diagnostics;
using Anywire.Http.Mapping;
using Grpc.Core;

namespace Anywire.Http.Client;

/// <summary>Reads one method's replies and keeps their limit. Any thread may use it.</summary>
internal class MethodReplies<TResponse>(IMethod method, MethodContract contract, Codec<TResponse> codec, Problems problems, Failures failures, MessageSizes sizes)
    where TResponse : class
{
    // The end of a stream is a problem with its trailers, whatever the method's messages are.
    private const int MinPartBytes = 64 * 1024;

    public MethodContract Contract => contract;

    public Codec<TResponse> Codec => codec;

    public Problems Problems => problems;

    public Failures Failures => failures;

    public MessageSizes Sizes => sizes;

    /// <summary>The most bytes that one part of a stream may have.</summary>
    public int MaxPartBytes(bool isProtobuf) => Math.Max(MinPartBytes, SizeBounds.OfBody(contract.MaxReplyBytes, isProtobuf));

    /// <exception cref="RpcException">It is larger than the contract allows.</exception>
    public TResponse Checked(TResponse reply) => Codec<TResponse>.SizeOf(reply) is { } size && size > contract.MaxReplyBytes ? throw TooLarge(size) : reply;

    public RpcException TooLarge(long size) => RpcErrors.TooLarge(method, "reply", size, contract.MaxReplyBytes);

    public RpcException TooLarge() => new(new Status(
        StatusCode.ResourceExhausted, $"The reply of {method.FullName} is larger than the {contract.MaxReplyBytes:N0} bytes that are allowed."));

    /// <summary>Reads an answer in parts. The parts own the response.</summary>
    public async Task<ReplyParts<TResponse>> OpenAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        return response.Content.Headers.ContentType?.MediaType switch
        {
            MediaTypes.Events => new EventParts<TResponse>(response, stream, this),
            MediaTypes.Frames => new FrameParts<TResponse>(response, stream, this),
            var type => throw failures.Unreadable($"it is of the type {type ?? "that nobody named"}, and no stream."),
        };
    }
}
