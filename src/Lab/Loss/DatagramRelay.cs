using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Twite.Lab.Loss;

/// <summary>A bad way between callers and a server: it loses, doubles and reorders datagrams in both directions. What goes over TCP to the same port passes untouched.
/// Any thread may use it.</summary>
internal sealed class DatagramRelay : IAsyncDisposable
{
    private const int BufferBytes = 4 * 1024 * 1024;
    private const int Seed = 4711;

    private readonly IPEndPoint _server;
    private readonly Action<byte[]>? _sent;
    private readonly TimeProvider _time;
    private readonly TcpListener _listener;
    private readonly UdpClient _socket;
    private readonly ConcurrentDictionary<IPEndPoint, UdpClient> _ways = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly Random _random = new(Seed);
    private readonly Task _accepting;
    private readonly Task _passing;
    private readonly ConcurrentBag<Task> _running = [];
    private readonly int[] _fates = new int[4];

    /// <summary>Begins to pass.</summary>
    /// <param name="port">The server's port of this machine; it may listen later.</param>
    /// <param name="sent">Given what callers have sent, as it comes.</param>
    /// <param name="time">The clock.</param>
    public DatagramRelay(int port, Action<byte[]>? sent = null, TimeProvider? time = null)
    {
        (_server, _sent, _time) = (new IPEndPoint(IPAddress.Loopback, port), sent, time ?? TimeProvider.System);
        (_listener, _socket) = Listen();
        (_accepting, _passing) = (AcceptAsync(), PassAsync());
    }

    /// <summary>Where callers find it.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>How many of a hundred are lost; as many come twice, and as many late. At most 33.</summary>
    public int Percent { get; set; }

    /// <summary>Nothing passes any more, and nobody is told.</summary>
    public bool IsSilent { get; set; }

    /// <summary>How many were lost.</summary>
    public int Lost => Count(Fate.IsLost);

    /// <summary>To how many that happened.</summary>
    public int Count(Fate fate) => Volatile.Read(ref _fates[(int)fate]);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        // Whoever accepts opens what is closed below, and may be about to ask the listener once more.
        await Task.WhenAll(_accepting, _passing);
        _listener.Dispose();
        _socket.Dispose();
        foreach (var way in _ways.Values)
        {
            way.Dispose();
        }
        await Task.WhenAll(_running);
        _closing.Dispose();
    }

    private static (TcpListener, UdpClient) Listen()
    {
        while (true)
        {
            var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            try
            {
                return (listener, new UdpClient((IPEndPoint)listener.LocalEndpoint) { Client = { ReceiveBufferSize = BufferBytes } });
            }
            catch (SocketException error) when (error.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                // The port was free for one of both only.
                listener.Dispose();
            }
        }
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
                catch (Exception error) when (error is SocketException or OperationCanceledException)
                {
                    // The server is away, or the end.
                    caller.Dispose();
                    server.Dispose();
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
        var ways = new Dictionary<IPEndPoint, LossyWay>();
        await ReceiveAsync(_socket, async came =>
        {
            _sent?.Invoke(came.Buffer);
            if (!ways.TryGetValue(came.RemoteEndPoint, out var way))
            {
                var socket = _ways.GetOrAdd(came.RemoteEndPoint, Open);
                ways.Add(came.RemoteEndPoint, way = new LossyWay(Roll, bytes => socket.SendAsync(bytes, _closing.Token), Happened, _time));
            }
            await way.PassAsync(came.Buffer);
        });
        foreach (var way in ways.Values)
        {
            await way.DisposeAsync();
        }
    }

    private UdpClient Open(IPEndPoint caller)
    {
        var socket = new UdpClient { Client = { ReceiveBufferSize = BufferBytes } };
        socket.Connect(_server);
        _running.Add(ReturnAsync(socket, caller));
        return socket;
    }

    private async Task ReturnAsync(UdpClient socket, IPEndPoint caller)
    {
        await using var way = new LossyWay(Roll, bytes => _socket.SendAsync(bytes, caller, _closing.Token), Happened, _time);
        await ReceiveAsync(socket, came => way.PassAsync(came.Buffer));
    }

    private async Task ReceiveAsync(UdpClient socket, Func<UdpReceiveResult, ValueTask> pass)
    {
        while (!_closing.IsCancellationRequested)
        {
            try
            {
                await pass(await socket.ReceiveAsync(_closing.Token));
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

    private void Happened(Fate fate) => Interlocked.Increment(ref _fates[(int)fate]);

    private Fate Roll()
    {
        int dice;
        lock (_random)
        {
            dice = _random.Next(100);
        }
        if (dice < Percent || IsSilent)
        {
            return Fate.IsLost;
        }
        return dice < 2 * Percent ? Fate.IsLate : dice < 3 * Percent ? Fate.Doubles : Fate.Passes;
    }
}
