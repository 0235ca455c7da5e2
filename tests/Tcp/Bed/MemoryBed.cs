using System.Collections.Frozen;
using System.Net.Sockets;
using Anywire.Tcp.Connections;
using Anywire.Tcp.Format;
using Anywire.Tcp.Server;

namespace Anywire.Tcp.Tests.Bed;

/// <summary>Both ends of connections that run in memory, on the calling thread: what a peer says is given, what it is told is kept.</summary>
internal sealed class MemoryBed : IDisposable
{
    private readonly Runtime _runtime = new(new TcpOptions());
    private readonly FrozenDictionary<string, ServerMethod> _methods;
    private readonly TransportServerOptions _options;
    private readonly SocketStream _socket = new(new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp), 64 * 1024);

    public MemoryBed()
    {
        var contracts = new ContractTable([Echo.Descriptor]);
        var binder = new TcpBinder(contracts);
        Echo.BindService(binder, Service);
        _methods = binder.Methods.ToFrozenDictionary(StringComparer.Ordinal);
        _options = new TransportServerOptions
        {
            Endpoint = Endpoint.Parse("tcp://127.0.0.1:0"),
            Bind = static _ => { },
            Contracts = contracts,
            Limits = new ServerLimits(),
            Loggers = Log,
            Time = TimeProvider.System,
        };
    }

    public EchoService Service { get; } = new();

    public LogBook Log { get; } = new();

    /// <summary>What the last peer was told.</summary>
    public MemoryPeer Peer { get; private set; } = new(ReadOnlyMemory<byte>.Empty, endsOpen: true);

    /// <summary>A server's connection whose caller has greeted and then says this; the connection stays open.</summary>
    public ServerConnection Serve(ReadOnlyMemory<byte> bytes)
    {
        Peer = new MemoryPeer(bytes, endsOpen: true);
        return Run();
    }

    /// <summary>As <see cref="Serve"/>, and then the caller leaves.</summary>
    public ServerConnection ServeToTheEnd(ReadOnlyMemory<byte> bytes)
    {
        Peer = new MemoryPeer(bytes, endsOpen: false);
        return Run();
    }

    public void Dispose()
    {
        _socket.Dispose();
        Log.Dispose();
    }

    private ServerConnection Run()
    {
        var connection = new ServerConnection(new OpenedStream(_socket, Peer, new Hello(1024 * 1024, 0), null, "memory"), _runtime, _methods, _options, Log);
        ((IReader)connection.Reader).Read(mayBlock: false);
        return connection;
    }
}
