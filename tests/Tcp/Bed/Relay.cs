using System.Net;
using System.Net.Sockets;

namespace Anywire.Tcp.Tests.Bed;

/// <summary>Stands between a caller and a server and passes bytes on until it is told to hold them: then the connections stay open, and nothing comes through.</summary>
internal sealed class Relay : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _stop = new();
    private volatile int _port;
    private readonly Task _accepting;
    private volatile bool _isHeld;

    public Relay(int port)
    {
        _port = port;
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        _accepting = AcceptAsync();
    }

    public Endpoint Endpoint => Endpoint.Parse($"tcp://127.0.0.1:{((IPEndPoint)_listener.LocalEndPoint!).Port}");

    public void Hold() => _isHeld = true;

    /// <summary>Has connections that come from now on go to another server.</summary>
    public void Turn(int port) => _port = port;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
    }

    private async Task AcceptAsync()
    {
        var passing = new List<Task>();
        try
        {
            while (true)
            {
                var caller = await _listener.AcceptAsync(_stop.Token);
                var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                await server.ConnectAsync(new IPEndPoint(IPAddress.Loopback, _port), _stop.Token);
                passing.AddRange([PassAsync(caller, server), PassAsync(server, caller)]);
            }
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // It stops.
        }
        await Task.WhenAll(passing);
    }

    private async Task PassAsync(Socket from, Socket to)
    {
        var bytes = new byte[64 * 1024];
        try
        {
            while (await from.ReceiveAsync(bytes, _stop.Token) is > 0 and var count)
            {
                if (_isHeld)
                {
                    await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, _stop.Token);
                }
                await to.SendAsync(bytes.AsMemory(0, count), _stop.Token);
            }
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // One of them has gone.
        }
        if (_isHeld)
        {
            // Nothing comes through, not even that.
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        from.Dispose();
        to.Dispose();
    }
}
