using Grpc.Core;

namespace Anywire.Messaging.Server;

/// <summary>Runs calls with one reply.</summary>
internal sealed class UnaryHandler<TRequest, TResponse>(
    Method<TRequest, TResponse> method, MethodContract contract, string wire, UnaryServerMethod<TRequest, TResponse> handler)
    : MethodHandler<TRequest, TResponse>(method, contract, wire)
    where TRequest : class
    where TResponse : class
{
    public override async Task HandleEventAsync(ReadOnlyMemory<byte> body, BrokerCallContext context)
    {
        await handler(Read(body), context);
        if (context.Status.StatusCode != StatusCode.OK)
        {
            throw new RpcException(context.Status, context.ResponseTrailers);
        }
    }

    protected override async Task RunAsync(RunningCall call, TRequest request)
    {
        var context = call.Context;
        var reply = await handler(request, context);
        if (context.Status.StatusCode != StatusCode.OK)
        {
            await call.EndAsync(context.Status, context.ResponseTrailers);
            return;
        }
        if (reply is null)
        {
            throw new RpcException(new Status(StatusCode.Internal, $"The handler of {Method.FullName} gave no reply."));
        }
        await call.EndAsync(Write(call.BeginReply(context.ResponseTrailers), reply));
    }
}
