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

    /// <summary>Takes the next caller, and greets it with a window of 1 MiB and 16 calls at once.</summary>
    public async Task<RawPeer> GreetAsync()
    {
        var peer = await AcceptAsync();
        await peer.ReceiveAsync(22);
        await peer.SendAsync("01 00000E 00000000  41 4E 59 57 01 00  00100000  00000010");
        return peer;
    }

    public ValueTask DisposeAsync()
    {
        _listener.Dispose();
        return ValueTask.CompletedTask;
    }
}
