using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Twite.Postgres;

/// <summary>Stands between a program and a server, on loopback, and is the network that fails: loses the answer to a commit, or the commit, or
/// keeps everything. Disposing cuts all connections. Any thread may use it.</summary>
public sealed class PostgresRelay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly int _serverPort;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentBag<Task> _connections = [];
    private readonly ConcurrentDictionary<Socket, bool> _answerIsLost = new();
    private readonly Task _accepting;
    private volatile CommitLoss _loss;
    private volatile TaskCompletionSource _open = Opened();
    private int _accepted;
    private long _answered;

    /// <summary>Listens before a server.</summary>
    public PostgresRelay(int serverPort)
    {
        _serverPort = serverPort;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Where it listens on loopback.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>How many connections there were so far.</summary>
    public int Accepted => Volatile.Read(ref _accepted);

    /// <summary>How many bytes the server has answered so far.</summary>
    public long Answered => Interlocked.Read(ref _answered);

    /// <summary>Cuts the connection at the next commit that is spelled out in a statement.</summary>
    /// <param name="loss">What is lost.</param>
    public void CutAtCommit(CommitLoss loss) => _loss = loss;

    /// <summary>Passes nothing on to the server until <see cref="LetGo"/>.</summary>
    public void Hold() => _open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Passes on again, what was held too.</summary>
    public void LetGo() => _open.TrySetResult();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        LetGo();
        await _stopping.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_connections);
        _stopping.Dispose();
    }

    private static TaskCompletionSource Opened()
    {
        var open = new TaskCompletionSource();
        open.SetResult();
        return open;
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var program = await _listener.AcceptSocketAsync(_stopping.Token);
                Interlocked.Increment(ref _accepted);
                _connections.Add(ServeAsync(program));
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
    }

    private async Task ServeAsync(Socket program)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        using var server = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using (program)
        {
            try
            {
                await server.ConnectAsync(IPAddress.Loopback, _serverPort, ending.Token);
                var up = UpAsync(program, server, ending.Token);
                var down = DownAsync(server, program, ending.Token);
                await Task.WhenAny(up, down);
                await ending.CancelAsync();
                await Task.WhenAll(up, down);
            }
            catch (Exception error) when (error is OperationCanceledException or SocketException)
            {
                // Whoever it was between learns by the end of the connection.
            }
        }
    }

    private async Task UpAsync(Socket program, Socket server, CancellationToken cancellationToken)
    {
        var buffer = new byte[64 * 1024];
        while (await program.ReceiveAsync(buffer, cancellationToken) is > 0 and var count)
        {
            await _open.Task.WaitAsync(cancellationToken);
            var loss = _loss;
            if (loss == CommitLoss.None || buffer.AsSpan(0, count).IndexOf("COMMIT\0"u8) < 0)
            {
                await server.SendAsync(buffer.AsMemory(0, count), cancellationToken);
                continue;
            }
            _loss = CommitLoss.None;
            if (loss == CommitLoss.Answer)
            {
                _answerIsLost.TryAdd(server, true);
                await server.SendAsync(buffer.AsMemory(0, count), cancellationToken);
                continue;
            }
            return;
        }
    }

    private async Task DownAsync(Socket server, Socket program, CancellationToken cancellationToken)
    {
        var buffer = new byte[64 * 1024];
        while (await server.ReceiveAsync(buffer, cancellationToken) is > 0 and var count)
        {
            if (_answerIsLost.ContainsKey(server))
            {
                return;
            }
            Interlocked.Add(ref _answered, count);
            await program.SendAsync(buffer.AsMemory(0, count), cancellationToken);
        }
    }
}

/// <summary>What of a commit does not arrive.</summary>
public enum CommitLoss
{
    /// <summary>All arrives.</summary>
    None,

    /// <summary>The server commits, and the program does not learn of it.</summary>
    Answer,

    /// <summary>The server never hears of it.</summary>
    Commit,
}
