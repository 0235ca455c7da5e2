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
    // What takes as long to carry as a thread's whole turn of the processor: less holds nobody up.
    private const int BulkSize = 256 * 1024;

    private int _turn = Random.Shared.Next();
    private volatile bool _isBulk;

    public string FullName => method.FullName;

    public IMethod Method => method;

    public ushort Number => number;

    /// <summary>Its name in bytes.</summary>
    public byte[] Name { get; } = Encoding.UTF8.GetBytes(method.FullName);

    public MethodContract Contract => contract;

    private MessageSizes Sizes { get; } = MessageSizes.OfClient(method, TcpTransport.WireName);

    /// <summary>Whether it has carried a large message, and is likely to carry more.</summary>
    public bool IsBulk => _isBulk;

    /// <summary>How long what follows on a reply takes.</summary>
    public Pace Pace { get; } = new();

    /// <summary>A request of so many bytes is sent.</summary>
    public void Request(int bytes)
    {
        Sizes.Request(bytes);
        Note(bytes);
    }

    /// <summary>A reply of so many bytes has come.</summary>
    public void Response(int bytes)
    {
        Sizes.Response(bytes);
        Note(bytes);
    }

    /// <summary>Each method has turns of its own: methods differ in what they cost, and a caller makes its calls in an order of its own.</summary>
    public uint NextTurn() => (uint)Interlocked.Increment(ref _turn);

    private void Note(int bytes)
    {
        if (bytes >= BulkSize && !_isBulk)
        {
            _isBulk = true;
        }
    }
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
        Request(message.MessageLength);
        return null;
    }
}
