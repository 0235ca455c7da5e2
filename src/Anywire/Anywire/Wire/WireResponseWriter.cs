using Anywire.Diagnostics;
using Grpc.Core;

namespace Anywire.Wire;

/// <summary>Sends a handler's replies.</summary>
internal sealed class WireResponseWriter<TResponse>(
    WireEnd end, IMethod method, Marshaller<TResponse> marshaller, int maxReplyBytes, MessageSizes sizes, WireCallContext context) : IServerStreamWriter<TResponse>
    where TResponse : class
{
    public WriteOptions? WriteOptions { get; set; }

    public Task WriteAsync(TResponse message) => WriteAsync(message, CancellationToken.None);

    public async Task WriteAsync(TResponse message, CancellationToken cancellationToken)
    {
        var payload = WireSerializer.Serialize(marshaller, message);
        if (payload.Length > maxReplyBytes)
        {
            throw new RpcException(WireInvoker.TooLarge(method, payload.Length, maxReplyBytes, "reply"));
        }
        sizes.Response(payload.Length);
        context.SendHeaders();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, cancellationToken);
        if (!await end.SendMessageAsync(payload, either.Token))
        {
            throw new RpcException(context.EarlyEnd);
        }
    }

    /// <summary>Sends the only reply of a call that has one, unless the handler has set a status that says otherwise.</summary>
    public Task WriteSingleAsync(TResponse? message)
    {
        if (context.Status.StatusCode != StatusCode.OK)
        {
            return Task.CompletedTask;
        }
        return message is null
            ? throw new RpcException(new Status(StatusCode.Internal, $"The handler of {method.FullName} gave no reply."))
            : WriteAsync(message);
    }
}
