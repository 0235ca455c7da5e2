using System.Buffers.Binary;
using Anywire.Tcp.Format;
using Grpc.Core;

namespace Anywire.Tcp.Connections;

/// <summary>The messages of one stream that have come and were not yet read. Reading gives the other side room for more. One reader; the reading thread of
/// the connection adds; any thread may end it.</summary>
/// <param name="connection">Where they come from.</param>
/// <param name="call">The call.</param>
/// <param name="window">How many bytes the other side may have under way.</param>
/// <param name="budget">What the messages of all streams of the connection may take; null: whatever their windows allow.</param>
/// <param name="onCancelled">On the caller's side a reader who gives up waiting gives up the call, as in gRPC; null on the handler's.</param>
internal sealed class MessageQueue<T>(Connection connection, Func<uint> call, int window, PartsBudget? budget, Action? onCancelled) : IAsyncStreamReader<T>
    where T : class
{
    private readonly Lock _lock = new();
    private readonly Queue<(T Message, int Cost)> _messages = new();
    private TaskCompletionSource? _arrived;
    private RpcException? _failure;
    private T? _current;
    private long _held;
    private int _read;
    private bool _isEnded;

    public T Current => _current ?? throw new InvalidOperationException("There is no current message: call MoveNext first, and only while it gives true.");

    /// <summary>A message has come.</summary>
    /// <param name="message">The message.</param>
    /// <param name="bytes">Its size on the wire.</param>
    /// <returns>False when the connection has no room for it: it is not kept.</returns>
    /// <exception cref="ProtocolException">The other side had no room for it.</exception>
    public bool Add(T message, int bytes)
    {
        lock (_lock)
        {
            if (_isEnded)
            {
                return true;
            }
            if (_held >= window)
            {
                throw new ProtocolException("it sent more of a stream than there was room for");
            }
            var cost = bytes + SendWindow.MessageCost;
            if (budget?.TryTake(cost) == false)
            {
                return false;
            }
            _held += cost;
            _messages.Enqueue((message, cost));
            Wake();
            return true;
        }
    }

    /// <summary>No more come.</summary>
    /// <param name="failure">Why; null when that was all.</param>
    /// <param name="drop">Whether what has come and was not read is forgotten.</param>
    public void End(RpcException? failure = null, bool drop = false)
    {
        lock (_lock)
        {
            if (drop)
            {
                _messages.Clear();
                budget?.Give(_held);
                _held = 0;
            }
            if (_isEnded)
            {
                return;
            }
            (_isEnded, _failure) = (true, failure);
            Wake();
        }
    }

    public Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        _current = null;
        // As everywhere in .NET: cancelled beforehand is cancelled, whatever there is to read.
        if (cancellationToken.IsCancellationRequested)
        {
            return WaitAsync(Task.CompletedTask, cancellationToken);
        }
        try
        {
            return TryMove(out var moved, out var arrived) ? Task.FromResult(moved) : WaitAsync(arrived!, cancellationToken);
        }
        catch (RpcException failure)
        {
            return Task.FromException<bool>(failure);
        }
    }

    private async Task<bool> WaitAsync(Task arrived, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                cancellationToken.ThrowIfCancellationRequested();
                await arrived.WaitAsync(cancellationToken);
            }
            catch (OperationCanceledException) when (onCancelled is not null)
            {
                onCancelled();
                throw new RpcException(new Status(StatusCode.Cancelled, "The call was cancelled: so was the reading of its replies."));
            }
            if (TryMove(out var moved, out var next))
            {
                return moved;
            }
            arrived = next!;
        }
    }

    private bool TryMove(out bool moved, out Task? arrived)
    {
        var room = 0;
        lock (_lock)
        {
            arrived = null;
            moved = _messages.TryDequeue(out var next);
            if (moved)
            {
                _current = next.Message;
                _held -= next.Cost;
                budget?.Give(next.Cost);
                _read += next.Cost;
                // Not for each: the other side has room for as long.
                if (!_isEnded && _read >= window / 4)
                {
                    (room, _read) = (_read, 0);
                }
            }
            else if (!_isEnded)
            {
                _arrived ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                arrived = _arrived.Task;
                return false;
            }
            else if (_failure is not null)
            {
                throw new RpcException(_failure.Status, _failure.Trailers);
            }
        }
        if (room > 0)
        {
            Span<byte> payload = stackalloc byte[4];
            BinaryPrimitives.WriteInt32BigEndian(payload, room);
            connection.Send(FrameKind.Window, FrameFlags.None, call(), payload);
        }
        return true;
    }

    private void Wake()
    {
        _arrived?.TrySetResult();
        _arrived = null;
    }
}
