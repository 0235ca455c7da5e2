using Grpc.Core;

namespace Anywire.Client;

/// <summary>A transport's invoker for which a best-effort call has ended once it is among those that go next, as nobody answers it: where there is room,
/// the caller's own thread can hand it over, with no queue between.</summary>
internal interface IEventInvoker
{
    /// <summary>Hands a best-effort call over. Any thread; it waits for nobody's answer.</summary>
    /// <returns>False when there is no connection or no room at this moment.</returns>
    /// <exception cref="RpcException">It can never be sent as it is: it is too large. Whatever the method's marshaller throws comes through too.</exception>
    bool TryTell<TRequest, TResponse>(Method<TRequest, TResponse> method, Metadata? metadata, TRequest request)
        where TRequest : class
        where TResponse : class;
}
