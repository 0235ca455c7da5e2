using Grpc.Core;

namespace Anywire.Tcp.Server;

/// <summary>Collects bound methods by name.</summary>
internal sealed class TcpBinder(ContractTable contracts) : ServiceBinderBase
{
    public Dictionary<string, ServerMethod> Methods { get; } = new(StringComparer.Ordinal);

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler) =>
        Methods.Add(method.FullName, new UnaryMethod<TRequest, TResponse>(method, contracts[method], handler!));

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse>? handler) =>
        Add<TRequest, TResponse>(method, async (requests, replies, context) =>
        {
            if (!await requests.MoveNext(CancellationToken.None))
            {
                throw new RpcException(new Status(StatusCode.Internal, $"A call of {method.FullName} came without its request."));
            }
            await handler!(requests.Current, replies, context);
        });

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, ClientStreamingServerMethod<TRequest, TResponse>? handler) =>
        Add<TRequest, TResponse>(method, async (requests, replies, context) =>
        {
            var reply = await handler!(requests, context);
            if (context.Status.StatusCode == StatusCode.OK)
            {
                await replies.WriteSingleAsync(reply ?? throw new RpcException(new Status(StatusCode.Internal, $"The handler of {method.FullName} gave no reply.")));
            }
        });

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, DuplexStreamingServerMethod<TRequest, TResponse>? handler) =>
        Add<TRequest, TResponse>(method, (requests, replies, context) => handler!(requests, replies, context));

    private void Add<TRequest, TResponse>(Method<TRequest, TResponse> method, StreamHandler<TRequest, TResponse> handler)
        where TRequest : class
        where TResponse : class =>
        Methods.Add(method.FullName, new StreamMethod<TRequest, TResponse>(method, contracts[method], handler));
}
