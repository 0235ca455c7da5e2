using Anywire.Diagnostics;
using Anywire.Messaging.Format;
using Grpc.Core;

namespace Anywire.Messaging.Server;

/// <summary>Runs calls with one reply.</summary>
internal sealed class UnaryHandler<TRequest, TResponse>(
    Method<TRequest, TResponse> method, MethodContract contract, MessageSizes sizes, UnaryServerMethod<TRequest, TResponse> handler) : MethodHandler(contract)
    where TRequest : class
    where TResponse : class
{
    public override Func<RunningCall, Task> Prepare(MessageReader request)
    {
        var message = Requests.Read(request, method, Contract, sizes);
        return call => RunAsync(call, message);
    }

    private async Task RunAsync(RunningCall call, TRequest request)
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
            throw new RpcException(new Status(StatusCode.Internal, $"The handler of {method.FullName} gave no reply."));
        }
        await call.EndAsync(context.Status, context.ResponseTrailers, method.ResponseMarshaller, reply, Contract.MaxReplyBytes, sizes.Response);
    }
}
