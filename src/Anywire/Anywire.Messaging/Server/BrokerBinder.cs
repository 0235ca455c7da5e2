using Grpc.Core;

namespace Anywire.Messaging.Server;

/// <summary>Turns bound methods into handlers of messages. Streams of requests are not carried: their methods stay unimplemented.</summary>
internal sealed class BrokerBinder(ContractTable contracts, string wire) : ServiceBinderBase
{
    public Dictionary<string, MethodHandler> Handlers { get; } = new(StringComparer.Ordinal);

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler) =>
        Handlers.Add(method.FullName, new UnaryHandler<TRequest, TResponse>(method, contracts[method], wire, handler!));

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse>? handler) =>
        Handlers.Add(method.FullName, new StreamHandler<TRequest, TResponse>(method, contracts[method], wire, handler!));

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, ClientStreamingServerMethod<TRequest, TResponse>? handler)
    {
    }

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, DuplexStreamingServerMethod<TRequest, TResponse>? handler)
    {
    }
}
