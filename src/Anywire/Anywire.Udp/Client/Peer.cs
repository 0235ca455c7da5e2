using Anywire.Client;
using Anywire.Udp.Diagnostics;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Anywire.Udp.Client;

/// <summary>One address of a service: the session with whoever listens there, opened when it is first needed and again whenever it is lost. Any thread may use it.</summary>
internal sealed class Peer(Endpoint endpoint, TransportClientOptions options, IConnector connector, ILogger logger) : IAsyncDisposable
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _disposed = new();
    private volatile ClientSession? _session;
    private Task<ClientSession>? _attempt;
    private Task? _keeping;
    private RpcException? _failure;
    private long _failedAt;

    /// <summary>The session that is open now.</summary>
    public ClientSession? Session => _session is { HasEnded: false } session ? session : null;

    /// <summary>The session, opened if it is not.</summary>
    /// <exception cref="RpcException">It cannot be had: not executed.</exception>
    public Task<ClientSession> ConnectAsync()
    {
        lock (_lock)
        {
            if (Session is { } session)
            {
                return Task.FromResult(session);
            }
            if (_disposed.IsCancellationRequested)
            {
                return Task.FromException<ClientSession>(new RpcException(new Status(StatusCode.Cancelled, "The client was closed.")));
            }
            if (_attempt is null && _failure is { } failure && options.Time.GetElapsedTime(_failedAt) < Reconnecting.FailFast)
            {
                return Task.FromException<ClientSession>(failure);
            }
            Keep();
            return _attempt ??= Detached(TryAsync);
        }
    }

    /// <summary>Sees to it that a session is opened as soon as one can be.</summary>
    public void Want()
    {
        lock (_lock)
        {
            Keep();
        }
    }

    public async ValueTask DisposeAsync()
    {
        Task? keeping;
        Task<ClientSession>? attempt;
        lock (_lock)
        {
            _disposed.Cancel();
            (keeping, attempt) = (_keeping, _attempt);
        }
        if (attempt is not null)
        {
            await attempt.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
        if (keeping is not null)
        {
            await keeping;
        }
        if (_session is { } session)
        {
            await session.DisposeAsync();
        }
    }

    private void Keep()
    {
        if (_keeping is null && !_disposed.IsCancellationRequested)
        {
            _keeping = Detached(KeepAsync);
        }
    }

    /// <summary>Connects at once when a session was lost, and with longer and longer pauses while that fails.</summary>
    private async Task KeepAsync()
    {
        var failures = 0;
        while (!_disposed.IsCancellationRequested)
        {
            try
            {
                var session = await ConnectAsync();
                failures = 0;
                await session.Ended.WaitAsync(_disposed.Token);
            }
            catch (RpcException)
            {
                await Task.Delay(Reconnecting.PauseAfter(failures++), options.Time, _disposed.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task<ClientSession> TryAsync()
    {
        using var timeout = new CancellationTokenSource(ConnectTimeout, options.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, _disposed.Token);
        try
        {
            var session = await connector.ConnectAsync(endpoint, ConnectTimeout, either.Token);
            bool wasDown;
            lock (_lock)
            {
                wasDown = _failure is not null;
                (_session, _attempt, _failure) = (session, null, null);
            }
            if (wasDown)
            {
                logger.AddressUp(options.Service, endpoint);
            }
            return session;
        }
        catch (Exception error)
        {
            var reason = error is UnreachableException ? error.Message : Unreachable.Why(error);
            var failure = NotExecuted.Because("unreachable", $"{options.Service} at {endpoint} cannot be reached: {reason}.", error);
            bool wasUp;
            lock (_lock)
            {
                wasUp = _failure is null && !_disposed.IsCancellationRequested;
                (_attempt, _failure, _failedAt) = (null, failure, options.Time.GetTimestamp());
            }
            if (wasUp)
            {
                logger.AddressDown(options.Service, endpoint, reason);
            }
            throw failure;
        }
    }

    // It outlives the call that happens to need it first: its trace and its locals do not come along.
    private static Task<T> Detached<T>(Func<Task<T>> work)
    {
        using (ExecutionContext.SuppressFlow())
        {
            return Task.Run(work);
        }
    }

    private static Task Detached(Func<Task> work)
    {
        using (ExecutionContext.SuppressFlow())
        {
            return Task.Run(work);
        }
    }
}
