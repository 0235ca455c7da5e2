using System.Collections.Frozen;
using System.Net;
using System.Net.Sockets;
using Anywire.Udp.Control;
using Anywire.Udp.Diagnostics;
using Anywire.Udp.Sessions;
using Anywire.Udp.Sockets;
using Microsoft.Extensions.Logging;

namespace Anywire.Udp.Server;

/// <summary>A listening server: its socket, the thread that receives, its sessions, and what opens them.</summary>
internal sealed partial class UdpServer : ITransportServer, IDatagramSink
{
    // Requests that come again because their answers were lost come within this time.
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestQuiet = TimeSpan.FromSeconds(1);

    private const int MostPorts = 16;

    private readonly TransportServerOptions _options;
    private readonly UdpSocket _socket;
    private readonly ControlListener? _control;
    private readonly FrozenDictionary<uint, MethodHandler> _handlers;
    private readonly SessionTable _sessions;
    private readonly BatchPool _pool = new(most: 64);
    private readonly Receiver _receiver;
    private readonly DatagramMeter _meter;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private readonly int _capacity;
    private volatile bool _isLeaving;
    private List<ServerSession> _touched = [];
    private List<ServerSession>? _spare;
    private bool _isDisposed;
    private long _lastRequestAt;

    private UdpServer(TransportServerOptions options, UdpSocket socket, ControlListener? control, IReadOnlyDictionary<uint, MethodHandler> handlers, ILogger logger)
    {
        (_options, _socket, _control, _logger) = (options, socket, control, logger);
        _handlers = handlers.ToFrozenDictionary();
        _sessions = new SessionTable(options.Limits.MaxConnections);
        _capacity = socket.Capacity;
        Endpoint = options.Endpoint.WithPort(socket.LocalEndPoint.Port);
        _receiver = new Receiver(socket, this, $"{Endpoint} receives", options.Time);
        _meter = new DatagramMeter(UdpTransport.WireName, Endpoint.ToString(), Totals);
    }

    public Endpoint Endpoint { get; }

    /// <exception cref="IOException">The address cannot be listened on; the message names it.</exception>
    public static async Task<UdpServer> ListenAsync(TransportServerOptions options, CancellationToken cancellationToken)
    {
        var logger = options.Loggers.CreateLogger<UdpServer>();
        var binder = new UdpBinder(options.Contracts);
        options.Bind(binder);
        var address = (await ListenAddress.ResolveAsync(options.Endpoint, cancellationToken))[0];
        var (socket, control) = await BindAsync(options, address, logger);
        var server = new UdpServer(options, socket, control, binder.Handlers, logger);
        server._receiver.Start();
        control?.Start(server);
        if (server._socket.GrantedBytes < UdpSocket.ReceiveBufferBytes)
        {
            logger.SmallReceiveBuffer(server.Endpoint, server._socket.GrantedBytes, UdpSocket.ReceiveBufferBytes);
        }
        logger.Listening(server.Endpoint);
        return server;
    }

    private static async Task<(UdpSocket, ControlListener?)> BindAsync(TransportServerOptions options, IPEndPoint address, ILogger logger)
    {
        for (var left = MostPorts; ; left--)
        {
            var control = options.Credentials is { } credentials ? ControlListener.Bind(options, address, credentials, logger) : null;
            try
            {
                return (UdpSocket.Bind(control is null ? address : new IPEndPoint(address.Address, control.Port)), control);
            }
            catch (SocketException error)
            {
                if (control is not null)
                {
                    await control.DisposeAsync();
                }
                // Any port will do: this one was free for TCP only.
                if (control is null || address.Port != 0 || error.SocketErrorCode != SocketError.AddressAlreadyInUse || left == 0)
                {
                    throw new IOException(ListenAddress.Explain(options.Endpoint, error), error);
                }
            }
        }
    }

    /// <summary>How many datagrams a caller may have on their way to here: all callers together fill half of the receive buffer.</summary>
    public int WindowOfOne => Math.Max(_capacity / 2 / Math.Max(_sessions.Count, 1), Batch.MaxDatagrams);

    /// <summary>The kernel's count of what it had no room for.</summary>
    public uint KernelDrops => _socket.KernelDrops;

    /// <summary>Opens a session for a caller; null when there are as many as may be.</summary>
    /// <param name="caller">The service, as its certificate names it; null on a plain wire.</param>
    /// <param name="agree">Makes the keys; null on a plain wire.</param>
    /// <param name="instance">The caller's start, on a plain wire.</param>
    public ServerSession? Open(string? caller, Func<uint, Sealing.Seals>? agree, ulong instance = 0) =>
        _sessions.Add(id => new ServerSession(id, caller, agree?.Invoke(id), _socket, _pool, Schedule)
        {
            Instance = instance, HeardAt = _options.Time.GetTimestamp(),
        });

    /// <summary>The caller of a session has gone: its calls are cancelled. What nobody answers and is still on its way may come.</summary>
    public void End(ServerSession session)
    {
        session.HasEnded = true;
        foreach (var call in session.Calls.Running())
        {
            call.Cancel();
        }
    }

    /// <summary>Forgets a session.</summary>
    public void Remove(ServerSession session) => _sessions.Remove(session);

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        var began = _options.Time.GetTimestamp();
        TellAll(hasGone: false);
        if (_control is not null)
        {
            await _control.TellLeavingAsync(LongestQuiet, cancellationToken);
        }
        var since = _options.Time.GetTimestamp();
        // From now on at least: the answer of the last call may be about to be written.
        while (Volatile.Read(ref _lastRequestAt) is var last and not 0 && _options.Time.GetElapsedTime(Math.Max(last, since)) is var idle && idle < Quiet
            && _options.Time.GetElapsedTime(began) < LongestQuiet)
        {
            await Task.Delay(Quiet - idle, _options.Time, cancellationToken);
        }
        await DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, true))
        {
            return;
        }
        TellAll(hasGone: true);
        _receiver.Dispose();
        if (_control is not null)
        {
            await _control.DisposeAsync();
        }
        foreach (var session in _sessions.All)
        {
            End(session);
        }
        _meter.Dispose();
        _socket.Dispose();
    }

    // With a control connection its callers are told over that.
    private void TellAll(bool hasGone)
    {
        _isLeaving = true;
        if (_control is not null)
        {
            return;
        }
        foreach (var session in _sessions.All)
        {
            session.Add(hasGone, static (writer, gone) => Format.Messages.Leaving(writer, gone));
            session.Flush();
        }
    }

    /// <summary>Sees to it that a session sends what waits: once the socket has run dry when this is the thread that receives, otherwise by the pool.</summary>
    private void Schedule(ServerSession session)
    {
        if (!_receiver.IsCurrentThread)
        {
            ThreadPool.UnsafeQueueUserWorkItem(session, preferLocal: false);
            return;
        }
        lock (_lock)
        {
            _touched.Add(session);
        }
    }

    private DatagramTotals Totals()
    {
        var (sent, unsent, received, missing) = _sessions.Ended;
        foreach (var session in _sessions.All)
        {
            sent += (long)session.NextCounter;
            unsent += session.Unsent;
            received += (long)session.Window.Received;
            missing += (long)session.Window.Lost;
        }
        return new DatagramTotals(sent - unsent, unsent, received, missing, _socket.KernelDrops);
    }
}
