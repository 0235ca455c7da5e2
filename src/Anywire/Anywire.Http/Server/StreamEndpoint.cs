using Anywire.Http.Mapping;
using Grpc.Core;
using Microsoft.AspNetCore.Http;

namespace Anywire.Http.Server;

/// <summary>One request, a stream of replies.</summary>
internal sealed class StreamEndpoint<TRequest, TResponse>(
    Method<TRequest, TResponse> method, MethodContract contract, RestRoute route, ServerStreamingServerMethod<TRequest, TResponse> handler, ServerSide side)
    : CallEndpoint<TRequest, TResponse>(method, contract, route, side)
    where TRequest : class
    where TResponse : class
{
    protected override async Task HandleAsync(HttpContext http, TRequest request, HttpCallContext context, ReplyStream stream, bool isProtobuf)
    {
        await handler(request, new Writer(this, stream, context), context);
        var status = context.Status;
        if (!stream.HasStarted && status.StatusCode != StatusCode.OK)
        {
            throw new RpcException(status);
        }
        if (!stream.HasStarted)
        {
            await stream.StartAsync(null);
        }
        await stream.EndAsync(status, context.TrailersOrNull);
    }

    private sealed class Writer(StreamEndpoint<TRequest, TResponse> endpoint, ReplyStream stream, HttpCallContext context) : IServerStreamWriter<TResponse>
    {
        private int _isWriting;

        public WriteOptions? WriteOptions { get; set; }

        public Task WriteAsync(TResponse message) => WriteAsync(message, CancellationToken.None);

        public async Task WriteAsync(TResponse message, CancellationToken cancellationToken)
        {
            ArgumentNullException.ThrowIfNull(message);
            if (Interlocked.Exchange(ref _isWriting, 1) != 0)
            {
                throw new InvalidOperationException("The message before has not been written yet: await each WriteAsync.");
            }
            try
            {
                context.CancellationToken.ThrowIfCancellationRequested();
                cancellationToken.ThrowIfCancellationRequested();
                endpoint.CheckSize(message);
                if (!stream.HasStarted)
                {
                    await stream.StartAsync(null);
                }
                using var either = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, cancellationToken);
                await stream.WriteAsync(endpoint.Replies, message, either.Token);
            }
            finally
            {
                Volatile.Write(ref _isWriting, 0);
            }
        }
    }
}
