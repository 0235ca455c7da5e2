using Anywire.Diagnostics;
using Grpc.Core;

namespace Anywire.Wire;

/// <summary>Turns bound methods into handlers of frames.</summary>
internal sealed class WireBinder(ContractTable contracts) : ServiceBinderBase
{
    public Dictionary<string, Func<WireServerCall, WireHandler>> Handlers { get; } = new(StringComparer.Ordinal);

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler) =>
        Add<TRequest, TResponse>(method, async (requests, responses, context) =>
            await responses.WriteSingleAsync(await handler!(await SingleAsync(requests, method), context)));

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse>? handler) =>
        Add<TRequest, TResponse>(method, async (requests, responses, context) => await handler!(await SingleAsync(requests, method), responses, context));

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, ClientStreamingServerMethod<TRequest, TResponse>? handler) =>
        Add<TRequest, TResponse>(method, async (requests, responses, context) => await responses.WriteSingleAsync(await handler!(requests, context)));

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, DuplexStreamingServerMethod<TRequest, TResponse>? handler) =>
        Add<TRequest, TResponse>(method, (requests, responses, context) => handler!(requests, responses, context));

    private void Add<TRequest, TResponse>(
        Method<TRequest, TResponse> method, Func<WireStream<TRequest>, WireResponseWriter<TResponse>, WireCallContext, Task> run)
        where TRequest : class
        where TResponse : class
    {
        var contract = contracts[method];
        var sizes = MessageSizes.OfServer(method, WireTransport.WireName);
        Handlers.Add(method.FullName, call =>
        {
            var requests = new WireStream<TRequest>(call.End, method.RequestMarshaller, sizes.Request);
            call.OnMessage = message =>
            {
                if (message.Length > contract.MaxRequestBytes)
                {
                    requests.Complete(new RpcException(WireInvoker.TooLarge(method, message.Length, contract.MaxRequestBytes, "request")));
                    return;
                }
                requests.Add(message);
            };
            call.OnEnd = requests.Complete;
            return (_, context) => run(requests, new WireResponseWriter<TResponse>(call.End, method, method.ResponseMarshaller, contract.MaxReplyBytes, sizes, context), context);
        });
    }

    private static async Task<TRequest> SingleAsync<TRequest>(WireStream<TRequest> requests, IMethod method)
        where TRequest : class =>
        await requests.MoveNext(CancellationToken.None)
            ? requests.Current
            : throw new RpcException(new Status(StatusCode.Internal, $"A call of {method.FullName} came without its request."));
}
