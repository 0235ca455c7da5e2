using Anywire.Udp.Format;
using Grpc.Core;

namespace Anywire.Udp.Server;

/// <summary>Turns bound methods into handlers of messages. Streams are not carried: their methods stay unimplemented.</summary>
internal sealed class UdpBinder(ContractTable contracts) : ServiceBinderBase
{
    private readonly Dictionary<uint, MethodHandler> _handlers = [];

    public IReadOnlyDictionary<uint, MethodHandler> Handlers => _handlers;

    /// <exception cref="InvalidOperationException">Two methods have the same number.</exception>
    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler)
    {
        var id = MethodId.Of(method.FullName);
        if (!_handlers.TryAdd(id, new MethodHandler<TRequest, TResponse>(method, contracts[method], handler!)))
        {
            throw new InvalidOperationException($"{method.FullName} and {_handlers[id].FullName} have the same number {id:x8} in datagrams. Rename one of them.");
        }
    }

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse>? handler)
    {
    }

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, ClientStreamingServerMethod<TRequest, TResponse>? handler)
    {
    }

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, DuplexStreamingServerMethod<TRequest, TResponse>? handler)
    {
    }
}
