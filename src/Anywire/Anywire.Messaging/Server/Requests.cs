using Anywire.Diagnostics;
using Anywire.Messaging.Format;
using Grpc.Core;

namespace Anywire.Messaging.Server;

/// <summary>The request of a call.</summary>
internal static class Requests
{
    /// <summary>Reads it from the rest of a message.</summary>
    /// <exception cref="RpcException">RESOURCE_EXHAUSTED: it is larger than the contract allows.</exception>
    /// <exception cref="MalformedMessageException">It is none of the method.</exception>
    public static TRequest Read<TRequest, TResponse>(MessageReader message, Method<TRequest, TResponse> method, MethodContract contract, MessageSizes sizes)
        where TRequest : class
        where TResponse : class
    {
        var length = message.Rest.Length;
        if (length > contract.MaxRequestBytes)
        {
            throw RpcErrors.TooLarge(method, "request", length, contract.MaxRequestBytes);
        }
        sizes.Request(length);
        return message.Body(method.RequestMarshaller);
    }
}
