using Anywire.Diagnostics;
using Anywire.Messaging.Format;
using Grpc.Core;

namespace Anywire.Messaging.Server;

/// <summary>Runs calls of one method.</summary>
internal abstract class MethodHandler(MethodContract contract)
{
    public MethodContract Contract => contract;

    /// <summary>Reads the request, which is valid until this returns, and gives what runs the handler and answers.</summary>
    /// <exception cref="MalformedMessageException">The body is no request of the method.</exception>
    /// <exception cref="RpcException">It is too large.</exception>
    public abstract Func<RunningCall, Task> Prepare(MessageReader request);

    /// <summary>Handles an event: completes when the handler has.</summary>
    /// <param name="body">The request.</param>
    /// <param name="context">Its context.</param>
    /// <exception cref="MalformedMessageException">The body is no request of the method.</exception>
    /// <exception cref="RpcException">It is too large, or the handler has failed.</exception>
    public abstract Task HandleEventAsync(ReadOnlyMemory<byte> body, BrokerCallContext context);
}

/// <summary>The same for its types.</summary>
internal abstract class MethodHandler<TRequest, TResponse>(Method<TRequest, TResponse> method, MethodContract contract, string wire) : MethodHandler(contract)
    where TRequest : class
    where TResponse : class
{
    private readonly MessageSizes _sizes = MessageSizes.OfServer(method, wire);

    protected Method<TRequest, TResponse> Method => method;

    public override Func<RunningCall, Task> Prepare(MessageReader request)
    {
        var message = Read(request.Rest);
        return call => RunAsync(call, message);
    }

    public override Task HandleEventAsync(ReadOnlyMemory<byte> body, BrokerCallContext context) =>
        throw new RpcException(new Status(StatusCode.Unimplemented, $"{method.FullName} is no unary method, and takes no events."));

    /// <summary>Reads a request.</summary>
    protected TRequest Read(ReadOnlyMemory<byte> body)
    {
        if (body.Length > Contract.MaxRequestBytes)
        {
            throw RpcErrors.TooLarge(method, "request", body.Length, Contract.MaxRequestBytes);
        }
        _sizes.Request(body.Length);
        return MessageReader.Body(method.RequestMarshaller, body);
    }

    /// <summary>Runs the handler and answers.</summary>
    protected abstract Task RunAsync(RunningCall call, TRequest request);

    /// <summary>Writes a reply behind what the message has.</summary>
    /// <exception cref="RpcException">RESOURCE_EXHAUSTED: it is larger than the contract allows.</exception>
    protected MessageWriter Write(MessageWriter message, TResponse reply)
    {
        message.Body(method.ResponseMarshaller, reply);
        if (message.BodyLength > Contract.MaxReplyBytes)
        {
            throw RpcErrors.TooLarge(method, "reply", message.BodyLength, Contract.MaxReplyBytes);
        }
        _sizes.Response(message.BodyLength);
        return message;
    }
}
