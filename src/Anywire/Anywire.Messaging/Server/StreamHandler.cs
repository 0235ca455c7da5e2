using Anywire.Diagnostics;
using Anywire.Messaging.Format;
using Grpc.Core;

namespace Anywire.Messaging.Server;

/// <summary>Runs calls with a stream of replies.</summary>
internal sealed class StreamHandler<TRequest, TResponse>(
    Method<TRequest, TResponse> method, MethodContract contract, MessageSizes sizes, ServerStreamingServerMethod<TRequest, TResponse> handler) : MethodHandler(contract)
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
        await handler(request, new Writer(call, method.ResponseMarshaller, Contract.MaxReplyBytes, sizes), call.Context);
        await call.EndAsync(call.Context.Status, call.Context.ResponseTrailers);
    }

    private sealed class Writer(RunningCall call, Marshaller<TResponse> marshaller, int maxBytes, MessageSizes sizes) : IServerStreamWriter<TResponse>
    {
        public WriteOptions? WriteOptions { get; set; }

        public Task WriteAsync(TResponse message) => WriteAsync(message, CancellationToken.None);

        public async Task WriteAsync(TResponse message, CancellationToken cancellationToken)
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(call.Context.CancellationToken, cancellationToken);
            await call.SendItemAsync(marshaller, message, maxBytes, sizes.Response, either.Token);
        }
    }
}
