using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Anywire.Udp.Tests;

/// <summary>A bad way between callers and a server: it loses, doubles and reorders datagrams in both directions. What goes over TCP to the same port passes untouched.</summary>
internal sealed class DatagramRelay : IAsyncDisposable
{
    private const int Datagram = 2_048;
    private const int BufferBytes = 4 * 1024 * 1024;

    private readonly IPEndPoint _server;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly UdpClient _socket;
    private readonly ConcurrentDictionary<IPEndPoint, UdpClient> _ways = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly Random _random = new(4711);
    private readonly ConcurrentBag<Task> _running = [];
    private int _passed;
    private int _lost;

    public DatagramRelay(int port)
    {
        _server = new IPEndPoint(IPAddress.Loopback, port);
        _listener.Start();
        _socket = new UdpClient(new IPEndPoint(IPAddress.Loopback, Port)) { Client = { ReceiveBufferSize = BufferBytes } };
        _running.Add(AcceptAsync());
        _running.Add(PassAsync());
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>How many of a hundred are lost; a third as many come twice, and a third as many late.</summary>
    public int Percent { get; set; }

    /// <summary>Nothing passes any more, and nobody is told.</summary>
    public bool IsSilent { get; set; }

    /// <summary>How many were lost.</summary>
    public int Lost => Volatile.Read(ref _lost);

    /// <summary>What callers have sent, as it passed.</summary>
    public ConcurrentQueue<byte[]> Sent { get; } = new();

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        _listener.Stop();
        _socket.Dispose();
        foreach (var way in _ways.Values)
        {
            way.Dispose();
        }
        await Task.WhenAll(_running);
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var caller = await _listener.AcceptTcpClientAsync(_closing.Token);
                var server = new TcpClient();
                try
                {
                    await server.ConnectAsync(_server, _closing.Token);
                }
                catch (SocketException)
                {
                    // The server is away.
                    caller.Dispose();
                    continue;
                }
                _running.Add(CopyAsync(caller, server));
                _running.Add(CopyAsync(server, caller));
            }
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The end.
        }
    }

    private async Task CopyAsync(TcpClient from, TcpClient to)
    {
        try
        {
            var buffer = new byte[4_096];
            while (await from.GetStream().ReadAsync(buffer, _closing.Token) is var came and > 0)
            {
                if (!IsSilent)
                {
                    await to.GetStream().WriteAsync(buffer.AsMemory(0, came), _closing.Token);
                }
            }
        }
        catch (Exception error) when (error is OperationCanceledException or IOException or ObjectDisposedException or InvalidOperationException)
        {
            // One of them has gone.
        }
        from.Dispose();
        to.Dispose();
    }

    private async Task PassAsync()
    {
        byte[]? late = null;
        while (!_closing.IsCancellationRequested)
        {
            try
            {
                var came = await _socket.ReceiveAsync(_closing.Token);
                Sent.Enqueue(came.Buffer);
                var way = _ways.GetOrAdd(came.RemoteEndPoint, Open);
                late = await SendAsync(came.Buffer, late, bytes => way.SendAsync(bytes, _closing.Token));
            }
            catch (SocketException)
            {
                // The server is away, or a caller has gone.
            }
            catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private UdpClient Open(IPEndPoint caller)
    {
        var way = new UdpClient { Client = { ReceiveBufferSize = BufferBytes } };
        way.Connect(_server);
        _running.Add(ReturnAsync(way, caller));
        return way;
    }

    private async Task ReturnAsync(UdpClient way, IPEndPoint caller)
    {
        byte[]? late = null;
        while (!_closing.IsCancellationRequested)
        {
            try
            {
                var came = await way.ReceiveAsync(_closing.Token);
                late = await SendAsync(came.Buffer, late, bytes => _socket.SendAsync(bytes, caller, _closing.Token));
            }
            catch (SocketException)
            {
                // The server is away.
            }
            catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    /// <summary>Sends one, or does not, or twice, or after the next one; gives the one that is late.</summary>
    private async Task<byte[]?> SendAsync(byte[] datagram, byte[]? late, Func<byte[], ValueTask<int>> send)
    {
        Assert.True(datagram.Length <= Datagram);
        Interlocked.Increment(ref _passed);
        int dice;
        lock (_random)
        {
            dice = _random.Next(300);
        }
        if (dice < 3 * Percent || IsSilent)
        {
            Interlocked.Increment(ref _lost);
            return late;
        }
        if (dice < 4 * Percent && late is null)
        {
            return datagram;
        }
        await send(datagram);
        if (dice is var die && die >= 4 * Percent && die < 5 * Percent)
        {
            await send(datagram);
        }
        if (late is not null)
        {
            await send(late);
        }
        return null;
    }
}
