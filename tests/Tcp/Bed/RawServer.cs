using System.Net;
using System.Net.Sockets;

namespace Anywire.Tcp.Tests.Bed;

/// <summary>Listens with a plain socket.</summary>
internal sealed class RawServer : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public RawServer()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
    }

    public Endpoint Endpoint => Endpoint.Parse($"tcp://127.0.0.1:{((IPEndPoint)_listener.LocalEndPoint!).Port}");

    public async Task<RawPeer> AcceptAsync() => new(await _listener.AcceptAsync().Soon());

    public ValueTask DisposeAsync()
    {
        _listener.Dispose();
        return ValueTask.CompletedTask;
    }
}
