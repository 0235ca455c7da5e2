using System.Text;
using Anywire.Diagnostics;
using Anywire.Tcp.Connections;
using Grpc.Core;

namespace Anywire.Tcp.Client;

/// <summary>A method as its caller sees it, whatever its messages are.</summary>
/// <param name="method">The method.</param>
/// <param name="number">What stands for it on the wire.</param>
/// <param name="contract">Its contract.</param>
internal abstract class ClientMethod(IMethod method, ushort number, MethodContract contract)
{
    private int _turn = Random.Shared.Next();

    public string FullName => method.FullName;

    public IMethod Method => method;

    public ushort Number => number;

    /// <summary>Its name in bytes.</summary>
    public byte[] Name { get; } = Encoding.UTF8.GetBytes(method.FullName);

    public MethodContract Contract => contract;

    public MessageSizes Sizes { get; } = MessageSizes.OfClient(method, TcpTransport.WireName);

    /// <summary>How long what follows on a reply takes.</summary>
    public Pace Pace { get; } = new();

    /// <summary>Each method has turns of its own: methods differ in what they cost, and a caller makes its calls in an order of its own.</summary>
    public uint NextTurn() => (uint)Interlocked.Increment(ref _turn);
}

/// <summary>A method as its caller sees it.</summary>
internal sealed class ClientMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, ushort number, MethodContract contract)
    : ClientMethod(method, number, contract)
    where TRequest : class
    where TResponse : class
{
    public Marshaller<TResponse> Replies { get; } = method.ResponseMarshaller;

    /// <summary>Writes a request behind what the buffer has.</summary>
    /// <returns>Why it cannot be sent; null when it can.</returns>
    public RpcException? Write(MessageBuffer message, TRequest request)
    {
        message.Serialize(method.RequestMarshaller, request);
        if (message.MessageLength > Contract.MaxRequestBytes)
        {
            return RpcErrors.TooLarge(Method, "request", message.MessageLength, Contract.MaxRequestBytes);
        }
        Sizes.Request(message.MessageLength);
        return null;
    }
}
