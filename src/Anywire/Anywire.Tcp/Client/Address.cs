using Anywire.Client;
using Anywire.Identity;
using Anywire.Tcp.Connections;
using Anywire.Tcp.Format;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Anywire.Tcp.Client;

/// <summary>One address of a service and a connection to it, which is made when the first call needs it, and again whenever it is lost. Any thread may use it.</summary>
/// <param name="endpoint">The address.</param>
/// <param name="options">Whose client this is.</param>
/// <param name="tls">How both sides prove who they are; null: not.</param>
/// <param name="runtime">What all connections share.</param>
/// <param name="logger">The log.</param>
/// <param name="tells">Whether the log is told when the address is out of reach, and when it is back.</param>
internal sealed class Address(Endpoint endpoint, TransportClientOptions options, MutualTls? tls, Runtime runtime, ILogger logger, bool tells) : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _disposed = new();
    // All that are not closed: the newest, and those whose calls are not over, in the place of which there is another.
    private readonly List<ClientConnection> _open = [];
    private volatile ClientConnection? _connection;
    private long _connectedAt;
    private TaskCompletionSource<ClientConnection>? _connecting;
    private TaskCompletionSource? _hurry;
    private Task _running = Task.CompletedTask;
    private RpcException? _failure;
    private long _failedAt;
    private bool _isConnecting;
    private volatile bool _isWanted;

    /// <summary>The connection that takes calls; null when there is none.</summary>
    public ClientConnection? Ready => _connection is { IsOpen: true } connection ? connection : null;

    /// <summary>As <see cref="Ready"/>, or one whose server shuts down but still answers.</summary>
    public ClientConnection? Usable => _connection is { IsClosed: false } connection ? connection : null;

    /// <summary>The connection, made now if need be. Not the calling thread's to wait for longer than its own deadline.</summary>
    /// <returns>Fails with <see cref="RpcException"/> when none can be had.</returns>
    public Task<ClientConnection> GetAsync()
    {
        lock (_lock)
        {
            // Behind one address there may be another server, which does not shut down. Where there is none, this is not asked for with each call.
            if (Usable is { } connection && (connection.IsOpen || options.Time.GetElapsedTime(_connectedAt) < Reconnecting.LongestPause))
            {
                return Task.FromResult(connection);
            }
            if (_disposed.IsCancellationRequested)
            {
                return Task.FromException<ClientConnection>(Gone());
            }
            if (_failure is not null && options.Time.GetElapsedTime(_failedAt) < Reconnecting.FailFast)
            {
                return Task.FromException<ClientConnection>(_failure);
            }
            _hurry?.TrySetResult();
            return Begin().Task;
        }
    }

    /// <summary>Has it connect, now and again whenever that fails or is lost, with no call that waits for it.</summary>
    public void Want()
    {
        if (!_isWanted)
        {
            _isWanted = true;
            Reconnecting.Observe(GetAsync());
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _disposed.CancelAsync();
        await _running;
        ClientConnection[] all;
        lock (_lock)
        {
            all = [.. _open];
        }
        foreach (var connection in all)
        {
            connection.Close("the client was closed");
        }
    }

    // Under the lock.
    private TaskCompletionSource<ClientConnection> Begin()
    {
        _connecting ??= new TaskCompletionSource<ClientConnection>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!_isConnecting)
        {
            _isConnecting = true;
            // Whose call it was that came first is of no concern to those who come later.
            using (ExecutionContext.SuppressFlow())
            {
                _running = Task.Run(ConnectAsync);
            }
        }
        return _connecting;
    }

    private async Task ConnectAsync()
    {
        for (var failures = 0; !_disposed.IsCancellationRequested; failures++)
        {
            try
            {
                Use(await DialAsync());
                return;
            }
            catch (Exception error)
            {
                Fail(error);
            }
            await WaitAsync(Reconnecting.PauseAfter(failures));
        }
        Fail(Gone());
    }

    private async Task<ClientConnection> DialAsync()
    {
        string? problem = null;
        using var timeout = new CancellationTokenSource(runtime.Options.ConnectTimeout, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, _disposed.Token);
        try
        {
            var opened = await Handshake.ConnectAsync(
                endpoint, tls, options.Service, new Hello(TcpTransport.ClientWindow, 0), runtime.Options, explanation => problem = explanation, either.Token);
            return new ClientConnection(opened, runtime, options, endpoint, logger);
        }
        catch (Exception error)
        {
            var reason = problem ?? (timeout.IsCancellationRequested ? "no connection could be made in time" : Words(error));
            throw NotExecuted.Because("unreachable", $"{options.Service} at {endpoint} cannot be reached: {reason}.", error);
        }
    }

    private void Use(ClientConnection connection)
    {
        TaskCompletionSource<ClientConnection>? waiting;
        ClientConnection? before;
        bool wasDown;
        lock (_lock)
        {
            wasDown = _failure is not null;
            before = Usable;
            _open.Add(connection);
            (_connection, _connectedAt) = (connection, options.Time.GetTimestamp());
            // From here on its end begins anew, and it may end before this returns.
            _isConnecting = false;
            (waiting, _connecting) = (_connecting, null);
            _failure = null;
        }
        connection.Start();
        _ = ReconnectAsync(connection);
        before?.Leave("another connection has taken its place");
        if (wasDown && tells)
        {
            logger.AddressUp(options.Service, endpoint);
        }
        waiting?.TrySetResult(connection);
    }

    private void Fail(Exception error)
    {
        TaskCompletionSource<ClientConnection>? waiting;
        bool wasUp;
        var failure = error as RpcException ?? Gone();
        lock (_lock)
        {
            wasUp = _failure is null;
            (_failure, _failedAt) = (failure, options.Time.GetTimestamp());
            (waiting, _connecting) = (_connecting, null);
        }
        if (wasUp && tells && !_disposed.IsCancellationRequested)
        {
            logger.AddressDown(options.Service, endpoint, failure.Status.Detail);
        }
        waiting?.TrySetException(failure);
    }

    private async Task ReconnectAsync(ClientConnection connection)
    {
        var begin = options.Time.GetTimestamp();
        await connection.Closed;
        lock (_lock)
        {
            _open.Remove(connection);
        }
        if (options.Time.GetElapsedTime(begin) < Reconnecting.LongestPause)
        {
            // Who greets and closes is not stormed; a call that needs it connects at once.
            await WaitAsync(Reconnecting.PauseAfter(int.MaxValue));
        }
        lock (_lock)
        {
            if (!_disposed.IsCancellationRequested && Usable is null)
            {
                // Nobody waits for it yet.
                Reconnecting.Observe(Begin().Task);
            }
        }
    }

    private async Task WaitAsync(TimeSpan time)
    {
        Task hurry;
        lock (_lock)
        {
            // A call has come meanwhile, and its time of failing fast is over.
            _hurry = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            hurry = _hurry.Task;
        }
        await Task.WhenAny(hurry, Task.Delay(time, TimeProvider.System, _disposed.Token));
    }

    private RpcException Gone() => NotExecuted.Because("unreachable", $"The client of {options.Service} was closed.");

    private static string Words(Exception error) =>
        // TLS says the same in other words, and as the system's stream only.
        error is EndOfStreamException or IOException { InnerException: null } ? "it closed the connection before it said who it is" : Unreachable.Why(error);
}
