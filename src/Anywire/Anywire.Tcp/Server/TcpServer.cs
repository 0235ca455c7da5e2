using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Net;
using System.Net.Sockets;
using Anywire.Identity;
using Anywire.Server;
using Anywire.Tcp.Connections;
using Anywire.Tcp.Format;
using Microsoft.Extensions.Logging;

namespace Anywire.Tcp.Server;

/// <summary>Listens on one endpoint.</summary>
internal sealed class TcpServer : ITransportServer
{
    private const int Backlog = 1_024;

    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan AcceptAgain = TimeSpan.FromMilliseconds(100);

    private readonly TransportServerOptions _options;
    private readonly Runtime _runtime;
    private readonly MutualTls? _tls;
    private readonly ILogger _logger;
    private readonly FrozenDictionary<string, ServerMethod> _methods;
    private readonly IReadOnlyList<Socket> _listeners;
    private readonly Newcomers<CancellationTokenSource> _new;
    private readonly SemaphoreSlim _handshakes;
    private readonly ConcurrentDictionary<ServerConnection, byte> _connections = new();
    private readonly ConcurrentDictionary<Socket, Task> _greetings = new();
    private readonly CancellationTokenSource _stopped = new();
    private readonly Task _accepting;
    private long? _stopsSince;

    private TcpServer(TransportServerOptions options, MutualTls? tls, Runtime runtime, IReadOnlyList<Socket> listeners, ILogger logger)
    {
        (_options, _tls, _runtime, _listeners, _logger) = (options, tls, runtime, listeners, logger);
        var binder = new TcpBinder(options.Contracts);
        options.Bind(binder);
        _methods = binder.Methods.ToFrozenDictionary(StringComparer.Ordinal);
        _new = new Newcomers<CancellationTokenSource>(runtime.Options.MaxNewConnections, static patience => _ = patience.CancelAsync());
        _handshakes = new SemaphoreSlim(runtime.Options.MaxHandshakes);
        Endpoint = options.Endpoint.WithPort(((IPEndPoint)listeners[0].LocalEndPoint!).Port);
        logger.Listening(Endpoint);
        using (ExecutionContext.SuppressFlow())
        {
            _accepting = Task.WhenAll(listeners.Select(listener => Task.Run(() => AcceptAsync(listener))));
        }
    }

    public Endpoint Endpoint { get; }

    /// <exception cref="IOException">The address cannot be listened on; the message names it.</exception>
    public static async Task<TcpServer> ListenAsync(TransportServerOptions options, MutualTls? tls, Runtime runtime, CancellationToken cancellationToken)
    {
        var listeners = new List<Socket>();
        try
        {
            foreach (var address in await ListenAddress.ResolveAsync(options.Endpoint, cancellationToken))
            {
                var listener = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                listeners.Add(listener);
                ListenAddress.Bind(listener, address);
                listener.Listen(Backlog);
            }
            return new TcpServer(options, tls, runtime, listeners, options.Loggers.CreateLogger<TcpTransport>());
        }
        catch (Exception error)
        {
            listeners.ForEach(static l => l.Dispose());
            if (ListenAddress.Explain(options.Endpoint, error) is { } reason)
            {
                throw new IOException(reason, error);
            }
            throw;
        }
    }

    public Task StopTakingAsync(CancellationToken cancellationToken)
    {
        // Nobody else gets what comes here; but the time in which replies may still be sent begins now.
        _stopsSince = _options.Time.GetTimestamp();
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        var since = _stopsSince ?? _options.Time.GetTimestamp();
        await StopAcceptingAsync();
        ServerConnection[] connections = [.. _connections.Keys];
        foreach (var connection in connections)
        {
            connection.GoAway();
        }
        var haveLeft = await Task.WhenAll(connections.Select(c => HasLeftAsync(c, since, cancellationToken)));
        if (haveLeft.Contains(false))
        {
            _logger.ClosedByForce(Endpoint);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAcceptingAsync();
        foreach (var connection in _connections.Keys)
        {
            connection.Close("the server was closed");
        }
    }

    /// <summary>Whether a caller closes its connection, once it has nothing under way any more; otherwise it is closed here. What it sent before it knew is refused until then.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="since">When the service began to stop.</param>
    /// <param name="cancellationToken">Gives up.</param>
    private async Task<bool> HasLeftAsync(ServerConnection connection, long since, CancellationToken cancellationToken)
    {
        var patience = CloseTimeout;
        while (true)
        {
            var (isSending, sentAt) = (connection.IsSending, connection.SentAt);
            try
            {
                await connection.Closed.WaitAsync(patience, _options.Time, cancellationToken);
                return true;
            }
            catch (TimeoutException)
            {
                var left = _options.Limits.DrainTimeout - _options.Time.GetElapsedTime(since);
                // Calls count as answered before their replies are sent, and large ones may take long to be.
                if (left <= TimeSpan.Zero || sentAt == connection.SentAt || !(isSending || connection.IsSending))
                {
                    connection.Close("the service shut down");
                    return false;
                }
                patience = left < CloseTimeout ? left : CloseTimeout;
            }
        }
    }

    private async Task StopAcceptingAsync()
    {
        await _stopped.CancelAsync();
        foreach (var listener in _listeners)
        {
            listener.Dispose();
        }
        await _accepting;
        // They end at once: told to stop, or among the connections.
        await Task.WhenAll(_greetings.Values);
    }

    private async Task AcceptAsync(Socket listener)
    {
        while (!_stopped.IsCancellationRequested)
        {
            try
            {
                var socket = await listener.AcceptAsync(_stopped.Token);
                if (_connections.Count + _new.Count >= _options.Limits.MaxConnections + _runtime.Options.MaxNewConnections)
                {
                    socket.Dispose();
                    continue;
                }
                _greetings[socket] = Task.CompletedTask;
                _greetings.TryUpdate(socket, GreetAsync(socket), Task.CompletedTask);
            }
            catch (Exception) when (_stopped.IsCancellationRequested)
            {
                return;
            }
            catch (SocketException error) when (error.SocketErrorCode is SocketError.ConnectionAborted or SocketError.ConnectionReset)
            {
                // Gone before it was accepted.
            }
            catch (Exception error)
            {
                // Out of file descriptors, as a rule: those who hold them give some back.
                _logger.AcceptFailed(error, Endpoint);
                await Task.Delay(AcceptAgain, TimeProvider.System, _stopped.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task GreetAsync(Socket socket)
    {
        string? problem = null;
        var peer = socket.RemoteEndPoint?.ToString() ?? "an unknown address";
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(_stopped.Token);
        patience.CancelAfter(_runtime.Options.ConnectTimeout);
        var place = _new.Enter(patience);
        try
        {
            var hello = new Hello(_options.Limits.StreamWindowBytes, _runtime.Options.MaxCallsPerConnection);
            Serve(await Handshake.AcceptAsync(socket, _tls, hello, _runtime.Options, _handshakes, Admit, explanation => problem = explanation, patience.Token));
        }
        catch (ProtocolException error)
        {
            _logger.PeerRefused(peer, error.Message);
        }
        catch (Exception)
        {
            // Closed, silent, too slow or not for us: only what was wrong with a certificate is worth telling.
            if (problem is not null)
            {
                _logger.PeerRefused(peer, problem);
            }
        }
        finally
        {
            _new.Leave(place);
            _greetings.TryRemove(socket, out _);
        }
    }

    private void Admit()
    {
        if (_connections.Count >= _options.Limits.MaxConnections)
        {
            throw new ProtocolException($"there are {_options.Limits.MaxConnections:N0} connections already");
        }
    }

    private void Serve(OpenedStream opened)
    {
        var connection = new ServerConnection(opened, _runtime, _methods, _options, _logger);
        _connections.TryAdd(connection, 0);
        _ = ForgetAsync(connection);
        connection.Start();
    }

    private async Task ForgetAsync(ServerConnection connection)
    {
        await connection.Closed;
        _connections.TryRemove(connection, out _);
    }
}
