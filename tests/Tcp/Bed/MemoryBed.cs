using System.Collections.Frozen;
using System.Net;
using System.Net.Sockets;
using Anywire.Tcp.Client;
using Anywire.Tcp.Connections;
using Anywire.Tcp.Format;
using Anywire.Tcp.Server;
using Google.Protobuf;
using Grpc.Core;

namespace Anywire.Tcp.Tests.Bed;

/// <summary>Connections of both sides that run in memory, on the calling thread: their peers' bytes are given.</summary>
internal sealed class MemoryBed : IDisposable
{
    // What a peer has room for: little, so that no handler writes for long to nobody.
    private static readonly Hello Peer = new(1_000, 16);

    private static readonly Marshaller<Line> Lines = Marshallers.Create(static line => line.ToByteArray(), Line.Parser.ParseFrom);

    private readonly Runtime _runtime = new(new TcpOptions());
    private readonly FrozenDictionary<string, ServerMethod> _methods;
    private readonly TransportServerOptions _serverOptions;
    private readonly TransportClientOptions _clientOptions;
    private readonly Client.TcpClient _client;
    private readonly ClientMethod<Line, Line> _say;
    private readonly ClientMethod<Line, Line> _lines;
    private readonly Socket _far;
    private readonly SocketStream _near;

    public MemoryBed()
    {
        var contracts = new ContractTable([Echo.Descriptor]);
        var binder = new TcpBinder(contracts);
        Echo.BindService(binder, Service);
        _methods = binder.Methods.ToFrozenDictionary(StringComparer.Ordinal);
        var endpoint = Endpoint.Parse("tcp://127.0.0.1:1");
        _serverOptions = new TransportServerOptions
        {
            Endpoint = endpoint, Bind = static _ => { }, Contracts = contracts, Limits = new ServerLimits(), Loggers = Log, Time = TimeProvider.System,
        };
        _clientOptions = new TransportClientOptions
        {
            Endpoints = [endpoint], Service = "echo", Caller = "tester", Contracts = contracts, Loggers = Log, Time = TimeProvider.System,
        };
        _client = new Client.TcpClient(_clientOptions, null, _runtime);
        (_say, _lines) = (Known(MethodType.Unary, "Say", 1, contracts), Known(MethodType.ServerStreaming, "Lines", 2, contracts));
        (_near, _far) = Pair();
    }

    public ErrorLog Log { get; } = new();

    public EchoService Service { get; } = new();

    /// <summary>A server's connection whose caller has greeted and then says this.</summary>
    public ServerConnection Serve(Stream peer)
    {
        var connection = Accept(peer);
        ((IReader)connection.Reader).Read(mayBlock: false);
        return connection;
    }

    /// <summary>As <see cref="Serve"/>, of which nothing is read yet.</summary>
    public ServerConnection Accept(Stream peer) => new(Opened(peer), _runtime, _methods, _serverOptions, Log);

    /// <summary>A caller's connection with a plain call, under the number 0x00010000, and one with a stream of replies, under the next, to which the server says this.</summary>
    /// <returns>The plain call's reply, and the stream of the other.</returns>
    public (Task Reply, IAsyncStreamReader<Line> Replies) Call(MemoryPeer peer)
    {
        var connection = new ClientConnection(Opened(peer), _runtime, _clientOptions, _clientOptions.Endpoints[0], Log);
        var say = new UnaryCall<Line, Line>(_say, new Line(), default, _client, policy: null);
        var lines = new StreamCall<Line, Line>(_lines, new Line(), default, _client);
        say.Open(connection);
        lines.Open(connection);
        ((IReader)connection.Reader).Read(mayBlock: false);
        return (say.Reply, lines.Replies);
    }

    public void Dispose()
    {
        _near.Dispose();
        _far.Dispose();
        Log.Dispose();
    }

    private static ClientMethod<Line, Line> Known(MethodType type, string name, ushort number, ContractTable contracts)
    {
        var method = new Method<Line, Line>(type, Echo.Descriptor.FullName, name, Lines, Lines);
        return new ClientMethod<Line, Line>(method, number, contracts[method]);
    }

    /// <summary>Two sockets that are connected: what is closed with each connection must be one that can be. Nothing is sent over it here.</summary>
    public static (SocketStream Near, Socket Far) Pair() => Pair(out _);

    /// <param name="near">The socket of the near end.</param>
    public static (SocketStream Near, Socket Far) Pair(out Socket near)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        near = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        near.Connect(listener.LocalEndPoint!);
        return (new SocketStream(near, 64 * 1024), listener.Accept());
    }

    private OpenedStream Opened(Stream peer) => new(_near, peer, Peer, null, "memory");
}
