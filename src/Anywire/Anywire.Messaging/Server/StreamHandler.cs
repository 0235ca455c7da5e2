using Grpc.Core;

namespace Anywire.Messaging.Server;

/// <summary>Runs calls with a stream of replies.</summary>
internal sealed class StreamHandler<TRequest, TResponse>(
    Method<TRequest, TResponse> method, MethodContract contract, string wire, ServerStreamingServerMethod<TRequest, TResponse> handler)
    : MethodHandler<TRequest, TResponse>(method, contract, wire)
    where TRequest : class
    where TResponse : class
{
    protected override async Task RunAsync(RunningCall call, TRequest request)
    {
        await handler(request, new Writer(this, call), call.Context);
        await call.EndAsync(call.Context.Status, call.Context.ResponseTrailers);
    }

    private sealed class Writer(StreamHandler<TRequest, TResponse> handler, RunningCall call) : IServerStreamWriter<TResponse>
    {
        public WriteOptions? WriteOptions { get; set; }

        public Task WriteAsync(TResponse message) => WriteAsync(message, CancellationToken.None);

        public async Task WriteAsync(TResponse message, CancellationToken cancellationToken)
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(call.Context.CancellationToken, cancellationToken);
            await call.SendItemAsync(item => handler.Write(item, message), either.Token);
        }
    }
}
