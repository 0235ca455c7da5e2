using Anywire.Diagnostics;
using Anywire.Tcp.Connections;
using Anywire.Tcp.Format;
using Grpc.Core;

namespace Anywire.Tcp.Server;

/// <summary>A method as its handler's side sees it, whatever its messages are.</summary>
internal abstract class ServerMethod(IMethod method, MethodContract contract)
{
    public string FullName => method.FullName;

    public IMethod Method => method;

    public MethodContract Contract => contract;

    public MessageSizes Sizes { get; } = MessageSizes.OfServer(method, TcpTransport.WireName);

    /// <summary>How long its handler takes before it returns or waits.</summary>
    public Pace Pace { get; } = new();

    /// <summary>Begins a call.</summary>
    /// <param name="connection">Where it came from.</param>
    /// <param name="header">Of the frame that opens it.</param>
    /// <param name="deadline">Until when.</param>
    /// <param name="headers">Its metadata.</param>
    /// <param name="payload">Its first message, or the first part of it, if the flags say so.</param>
    /// <returns>As <see cref="IFrameSink.OnFrame"/>.</returns>
    public abstract bool Open(ServerConnection connection, FrameHeader header, DateTime deadline, Metadata.Entry[]? headers, ReadOnlyMemory<byte> payload);
}

/// <summary>A method as its handler's side sees it.</summary>
internal abstract class ServerMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, MethodContract contract) : ServerMethod(method, contract)
    where TRequest : class
    where TResponse : class
{
    public Marshaller<TRequest> Requests { get; } = method.RequestMarshaller;

    /// <summary>Writes a reply behind what the buffer has.</summary>
    /// <exception cref="RpcException">It is larger than the contract allows.</exception>
    public void Write(MessageBuffer message, TResponse reply)
    {
        message.Serialize(method.ResponseMarshaller, reply);
        if (message.MessageLength > Contract.MaxReplyBytes)
        {
            throw RpcErrors.TooLarge(Method, "reply", message.MessageLength, Contract.MaxReplyBytes);
        }
        Sizes.Response(message.MessageLength);
    }
}

/// <summary>A method with one request and one reply.</summary>
internal sealed class UnaryMethod<TRequest, TResponse>(
    Method<TRequest, TResponse> method, MethodContract contract, UnaryServerMethod<TRequest, TResponse> handler) : ServerMethod<TRequest, TResponse>(method, contract)
    where TRequest : class
    where TResponse : class
{
    public UnaryServerMethod<TRequest, TResponse> Handler => handler;

    public override bool Open(ServerConnection connection, FrameHeader header, DateTime deadline, Metadata.Entry[]? headers, ReadOnlyMemory<byte> payload) =>
        new UnaryServerCall<TRequest, TResponse>(connection, this, header.Call, deadline, headers).Open(header, payload);
}

/// <summary>What a handler of any kind with streams looks like.</summary>
internal delegate Task StreamHandler<TRequest, TResponse>(IAsyncStreamReader<TRequest> requests, ReplyWriter<TResponse> replies, ServerCallContext context)
    where TRequest : class
    where TResponse : class;

/// <summary>A method with a stream of requests, of replies, or of both.</summary>
internal sealed class StreamMethod<TRequest, TResponse>(
    Method<TRequest, TResponse> method, MethodContract contract, StreamHandler<TRequest, TResponse> handler) : ServerMethod<TRequest, TResponse>(method, contract)
    where TRequest : class
    where TResponse : class
{
    public StreamHandler<TRequest, TResponse> Handler => handler;

    public override bool Open(ServerConnection connection, FrameHeader header, DateTime deadline, Metadata.Entry[]? headers, ReadOnlyMemory<byte> payload) =>
        new StreamServerCall<TRequest, TResponse>(connection, this, header.Call, deadline, headers).Open(header, payload);
}
