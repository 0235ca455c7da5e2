using Anywire.Client;
using Anywire.Tcp.Connections;
using Anywire.Tcp.Format;
using Grpc.Core;

namespace Anywire.Tcp.Client;

/// <summary>The caller's side of one call of any kind. Frames come from the reading thread; any thread may end it.</summary>
internal abstract class ClientCall
{
    private CancellationTokenRegistration _onCancelled;
    private TaskCompletionSource<Metadata>? _headersAwaited;
    private Headers? _headers;

    // 0: not; 1: somebody decides how; 2: it has, and that can be seen.
    private int _end;

    protected ClientCall(in CallOptions options, TcpClient client)
    {
        Client = client;
        Deadline = options.Deadline ?? DateTime.MaxValue;
        DueAt = Deadline == DateTime.MaxValue ? long.MaxValue : 0;
        RequestHeaders = options.Headers;
        Token = options.CancellationToken;
    }

    /// <summary>What stands for it on the wire; set with <see cref="Connection"/>.</summary>
    public uint Id { get; set; }

    public DateTime Deadline { get; }

    /// <summary>When its time is over, as a timestamp: a clock that is set while it is under way neither ends it nor keeps it. 0 until <see cref="Date"/>;
    /// <see cref="long.MaxValue"/>: never.</summary>
    public long DueAt { get; private set; }

    public CancellationToken Token { get; }

    public Metadata? RequestHeaders { get; }

    /// <summary>Whether it has ended; how it has can be seen then.</summary>
    public bool IsEnded => Volatile.Read(ref _end) == 2;

    /// <summary>The connection that carries it; null as long as there is none.</summary>
    public ClientConnection? Connection { get; set; }

    public abstract ClientMethod Method { get; }

    /// <summary>What it failed with; null as long as it has not.</summary>
    public RpcException? Failure { get; private set; }

    /// <summary>What came with its end.</summary>
    public Metadata? TrailersReceived { get; private set; }

    protected TcpClient Client { get; }

    // Whoever ends it looks for what to let go of after that can be seen.
    private bool IsEnding => Volatile.Read(ref _end) != 0;

    private Metadata? HeadersNow => Volatile.Read(ref _headers) is { } headers && headers.Connection == Connection ? headers.Entries : null;

    /// <summary>Whether its status may be asked for.</summary>
    protected abstract bool HasStatus { get; }

    /// <summary>Whether whoever asks for the headers has them as soon as they come; otherwise at the end, since another attempt may have others.</summary>
    protected virtual bool TellsHeadersAtOnce => true;

    /// <summary>The flags of the frame that opens it.</summary>
    protected abstract FrameFlags FirstFlags { get; }

    /// <summary>Sends it as soon as there is a connection.</summary>
    public void Start()
    {
        if (Token.IsCancellationRequested)
        {
            Cancel();
            return;
        }
        Client.Start(this);
        if (Token.CanBeCanceled)
        {
            _onCancelled = Token.UnsafeRegister(static call => ((ClientCall)call!).Cancel(), this);
            // Whoever ends it now finds that; or it is seen here that it has ended. The token may live for long, and would keep it.
            Interlocked.MemoryBarrier();
            if (IsEnding)
            {
                _onCancelled.Unregister();
            }
        }
    }

    /// <summary>Turns its deadline into a timestamp, the first time.</summary>
    /// <param name="now">What the clock says.</param>
    /// <param name="timestamp">The timestamp of that moment.</param>
    public void Date(DateTime now, long timestamp) => DueAt = Client.Time.After(timestamp, Deadline - now);

    /// <summary>Its deadline by the clock as it is now, which may have been set since the call was made.</summary>
    public DateTime DeadlineNow()
    {
        if (Deadline == DateTime.MaxValue)
        {
            return Deadline;
        }
        var (now, timestamp) = (Client.Time.GetUtcNow().UtcDateTime, Client.Time.GetTimestamp());
        if (DueAt == 0)
        {
            Date(now, timestamp);
        }
        return DueAt == long.MaxValue ? DateTime.MaxValue : now + Client.Time.GetElapsedTime(timestamp, DueAt);
    }

    /// <summary>Sends what opens it; the connection is there.</summary>
    public void Open(ClientConnection connection)
    {
        if (IsEnded)
        {
            return;
        }
        try
        {
            if (Send(connection) is { } problem)
            {
                OnNotSent(connection, problem);
            }
        }
        catch (Exception error)
        {
            // Before anybody who waits for it to be on its way looks why it is not.
            FailUnsent(error);
            throw;
        }
        finally
        {
            OnOpened();
        }
    }

    /// <summary>Takes a frame.</summary>
    /// <param name="connection">Whence; it may be lost at any moment, and the call go on over another.</param>
    /// <param name="header">What it is.</param>
    /// <param name="payload">What it has.</param>
    /// <returns>As <see cref="IFrameSink.OnFrame"/>.</returns>
    public bool OnFrame(ClientConnection connection, FrameHeader header, ReadOnlyMemory<byte> payload)
    {
        if (Connection != connection)
        {
            return true;
        }
        switch (header.Kind)
        {
            case FrameKind.Message:
                return OnMessage(connection, header, payload);
            case FrameKind.Headers:
                OnHeaders(connection, payload);
                return true;
            case FrameKind.Status:
                var (status, trailers) = StatusFormat.Read(payload.Span);
                return OnStatus(connection, status, trailers);
            case FrameKind.Window:
                OnWindow(payload);
                return true;
            default:
                throw new ProtocolException($"it sent a frame of kind {(byte)header.Kind} for a call, which only a caller may");
        }
    }

    public void Cancel() => FailAndTell(new RpcException(new Status(StatusCode.Cancelled, "The call was cancelled.")));

    /// <summary>Its deadline has passed.</summary>
    public void Expire() => FailAndTell(new RpcException(new Status(StatusCode.DeadlineExceeded, "The deadline passed.")));

    /// <summary>Ends it with a failure that this side has found; the other side is told when it may be at work.</summary>
    public void FailAndTell(RpcException failure)
    {
        if (TryEnd(failure, null))
        {
            // Whoever sends it now sees that and why it has ended; or it is seen here where it is.
            Interlocked.MemoryBarrier();
            // The connection knows the number: read here it could be that of another one.
            if (Connection is { } connection && connection.Release(this, out var id))
            {
                connection.SendCancel(id);
            }
            FinishReleased(onReader: false);
        }
    }

    /// <summary>It has failed in a way of which the other side need not be told.</summary>
    public virtual void Fail(RpcException failure)
    {
        if (TryEnd(failure, null))
        {
            Finish(onReader: false);
        }
    }

    /// <summary>The connection that carried it has ended.</summary>
    public virtual void OnLost(ClientConnection connection, RpcException failure) => Fail(failure);

    public Status GetStatus() => HasStatus ? Failure?.Status ?? Status.DefaultSuccess : throw NotEnded("status");

    public Metadata GetTrailers() => HasStatus ? TrailersReceived ?? Failure?.Trailers ?? [] : throw NotEnded("trailers");

    public Task<Metadata> GetHeadersAsync()
    {
        if ((TellsHeadersAtOnce || IsEnding) && HeadersNow is { } headers)
        {
            return Task.FromResult(headers);
        }
        var awaited = Volatile.Read(ref _headersAwaited);
        if (awaited is null)
        {
            awaited = new TaskCompletionSource<Metadata>(TaskCreationOptions.RunContinuationsAsynchronously);
            awaited = Interlocked.CompareExchange(ref _headersAwaited, awaited, null) ?? awaited;
        }
        if (IsEnding || (TellsHeadersAtOnce && HeadersNow is not null))
        {
            awaited.TrySetResult(HeadersNow ?? []);
        }
        return awaited.Task;
    }

    /// <summary>Writes the message that its first frame has, if it has one.</summary>
    /// <returns>Why it cannot be sent; null when it can.</returns>
    protected abstract RpcException? WriteFirst(ClientConnection connection, MessageBuffer message);

    /// <summary>It cannot be sent over a connection, which has nothing of it.</summary>
    protected virtual void OnNotSent(ClientConnection connection, RpcException problem) => Fail(problem);

    /// <summary>Its first frame is on its way, or never will be.</summary>
    protected virtual void OnOpened()
    {
    }

    /// <summary>A reply, or a part of one, has come.</summary>
    /// <returns>As <see cref="IFrameSink.OnFrame"/>.</returns>
    protected abstract bool OnMessage(ClientConnection connection, FrameHeader header, ReadOnlyMemory<byte> payload);

    /// <summary>The handler has ended.</summary>
    /// <returns>As <see cref="IFrameSink.OnFrame"/>.</returns>
    protected abstract bool OnStatus(ClientConnection connection, Status status, Metadata? trailers);

    /// <summary>The handler has read some of the stream of requests.</summary>
    protected virtual void OnWindow(ReadOnlyMemory<byte> payload)
    {
    }

    /// <summary>Another attempt may have other headers.</summary>
    protected void ForgetHeaders() => Volatile.Write(ref _headers, null);

    /// <summary>Decides how it ends: only the first does, and must <see cref="Finish"/>.</summary>
    protected bool TryEnd(RpcException? failure, Metadata? trailers)
    {
        if (Interlocked.CompareExchange(ref _end, 1, 0) != 0)
        {
            return false;
        }
        (Failure, TrailersReceived) = (failure, trailers);
        Volatile.Write(ref _end, 2);
        return true;
    }

    /// <summary>Lets go of what it held, and tells its caller.</summary>
    /// <param name="onReader">Whether the calling thread is the reading one, which may go on as the caller's for a while.</param>
    /// <returns>As <see cref="IFrameSink.OnFrame"/>.</returns>
    protected bool Finish(bool onReader)
    {
        Connection?.Release(this);
        return FinishReleased(onReader);
    }

    /// <summary>As <see cref="Finish"/>, of a call that the connection has let go.</summary>
    protected bool FinishReleased(bool onReader)
    {
        if (Token.CanBeCanceled)
        {
            _onCancelled.Unregister();
        }
        Volatile.Read(ref _headersAwaited)?.TrySetResult(HeadersNow ?? []);
        return Tell(onReader);
    }

    /// <summary>Tells the caller how it ended.</summary>
    protected abstract bool Tell(bool onReader);

    /// <returns>Why it cannot be sent; null when it is.</returns>
    private RpcException? Send(ClientConnection connection)
    {
        var buffers = connection.Runtime.Buffers;
        var message = buffers.Take();
        // It may have another over another connection by the time it is sent.
        uint id = 0;
        try
        {
            if ((connection.TryWriteHead(message, this) ?? WriteFirst(connection, message) ?? connection.TryTakeId(this, out id)) is { } problem)
            {
                return problem;
            }
            _ = connection.Send(FrameKind.Call, FirstFlags, id, message);
            if (IsEnded)
            {
                if (Failure is not null)
                {
                    // Whoever ended it meanwhile did not know what to tell the other side. With a reply it was that side.
                    connection.SendCancel(id);
                }
                connection.Release(this);
            }
            return null;
        }
        finally
        {
            buffers.Return(message);
        }
    }

    private void OnHeaders(ClientConnection connection, ReadOnlyMemory<byte> payload)
    {
        var reader = new PayloadReader(payload.Span);
        var headers = new Headers(connection, MetadataFormat.Read(ref reader) ?? []);
        Headers? known;
        do
        {
            known = Volatile.Read(ref _headers);
            if (known?.Connection == connection || Connection != connection)
            {
                return;
            }
        }
        while (Interlocked.CompareExchange(ref _headers, headers, known) != known);
        // Whoever begins to wait for them now sees them; or it is seen here that somebody waits.
        if (TellsHeadersAtOnce)
        {
            Volatile.Read(ref _headersAwaited)?.TrySetResult(headers.Entries);
        }
    }

    /// <summary>Who ended it meanwhile may not have seen these parts.</summary>
    protected void CloseIfEnded(MessageParts parts)
    {
        if (IsEnding)
        {
            parts.Close();
        }
    }

    /// <summary>Fails it because it could not be sent.</summary>
    /// <param name="error">Why: what no connection could be had by, or its marshaller threw.</param>
    public void FailUnsent(Exception error) => Fail(error is RpcException known ? new RpcException(known.Status, known.Trailers) : NotWritten(error));

    /// <summary>What it fails with when a message cannot be written.</summary>
    /// <param name="error">What its marshaller threw.</param>
    public RpcException NotWritten(Exception error) => new(new Status(StatusCode.Internal, $"The call of {Method.FullName} could not be sent.", error));

    private static InvalidOperationException NotEnded(string what) => new($"The call has not ended, so it has no {what} yet: await its reply first.");

    /// <summary>What came over a connection.</summary>
    private sealed record Headers(ClientConnection Connection, Metadata Entries);
}
