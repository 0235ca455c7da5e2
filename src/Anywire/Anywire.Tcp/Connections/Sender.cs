using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Anywire.Tcp.Format;

namespace Anywire.Tcp.Connections;

#pragma warning disable VSTHRD002, CA2012 // A write is looked at only once it has completed: as a rule at once, and then nothing is allocated for it.

/// <summary>Frames on their way out of one connection. Whoever flushes takes along what others have added meanwhile; nobody waits for the socket. Small
/// frames go first, then large messages have one frame each in turn. Any thread may use it.</summary>
/// <param name="stream">What is written to: TLS over the socket, or the socket.</param>
/// <param name="socket">The socket.</param>
/// <param name="handoff">Where large messages are written on by other threads.</param>
/// <param name="onFailed">Told once when the connection cannot be written to any more.</param>
internal sealed class Sender(Stream stream, SocketStream socket, Handoff handoff, Action<Exception> onFailed) : IThreadPoolWorkItem
{
    // What is written at once: a few TLS records, so that a small frame waits behind little.
    private const int WriteSize = 64 * 1024;
    private const int FirstSize = 1024;

    // By a thread that has others to serve: where frames are added faster than they are written it would not come back.
    private const int MostWrites = 8;

    private readonly Lock _lock = new();
    private readonly Queue<LargeMessage> _large = new();
    private OutputBuffer _pending = new(FirstSize);
    private OutputBuffer _writing = new(FirstSize);
    private ValueTask _drain;
    private bool _isDraining;
    private Action? _resume;
    private Action? _onRoom;
    private TaskCompletionSource? _roomAwaited;
    private long _room;
    private long _largeBytes;
    private long _progressAt = Stopwatch.GetTimestamp();
    private bool _isFlushing;
    private bool _isClosed;

    /// <summary>How many bytes wait to be written.</summary>
    public long Waiting => Volatile.Read(ref _largeBytes) + _pending.Count;

    /// <summary>When the socket last took something.</summary>
    public long ProgressAt => Math.Max(Volatile.Read(ref _progressAt), socket.TookAt);

    /// <summary>Whether there is something that the socket has not taken yet.</summary>
    public bool IsWriting => Volatile.Read(ref _isFlushing);

    /// <summary>Adds a frame, to be flushed.</summary>
    /// <returns>False when the connection is closed.</returns>
    public bool Add(FrameKind kind, FrameFlags flags, uint call, ReadOnlySpan<byte> payload)
    {
        lock (_lock)
        {
            if (_isClosed)
            {
                return false;
            }
            AddFrame(kind, flags, call, payload);
            return true;
        }
    }

    /// <summary>Adds a message with what stands before it in its frame, in several frames when it is large.</summary>
    /// <param name="kind">The kind of its (first) frame.</param>
    /// <param name="flags">Its flags.</param>
    /// <param name="call">The call.</param>
    /// <param name="message">Its bytes; they are copied, or its array is taken.</param>
    /// <param name="taken">Completes when a large one is on its way, with false when it was given up; null for a small one.</param>
    /// <returns>False when the connection is closed.</returns>
    public bool Add(FrameKind kind, FrameFlags flags, uint call, MessageBuffer message, out Task<bool>? taken)
    {
        taken = null;
        lock (_lock)
        {
            if (_isClosed)
            {
                return false;
            }
            if (message.Count <= FrameHeader.MaxPayload)
            {
                AddFrame(kind, flags, call, message.Written);
                return true;
            }
            var count = message.Count;
            var large = new LargeMessage(kind, flags, call, message.Detach(), count);
            _large.Enqueue(large);
            _largeBytes += count;
            taken = large.Taken;
            return true;
        }
    }

    /// <summary>Gives up what is left of the large messages of a call.</summary>
    public void Abandon(uint call)
    {
        if (Volatile.Read(ref _largeBytes) == 0)
        {
            // Nothing of anybody's: callers that give up many calls cost no more for it.
            return;
        }
        Action? onRoom;
        lock (_lock)
        {
            for (var i = _large.Count; i > 0; i--)
            {
                var message = _large.Dequeue();
                if (message.Call == call)
                {
                    _largeBytes -= message.Left;
                    message.End();
                }
                else
                {
                    _large.Enqueue(message);
                }
            }
            // There may be nothing left to write, and with it nobody who would tell.
            onRoom = TellRoom();
        }
        onRoom?.Invoke();
    }

    /// <summary>Has all that was added written, by this thread or the one that writes now.</summary>
    /// <param name="hasOthers">Whether the calling thread has others to serve: it leaves to another what is left of large messages.</param>
    public void Flush(bool hasOthers = false)
    {
        lock (_lock)
        {
            if (_isFlushing || _isClosed || (_pending.Count == 0 && _large.Count == 0))
            {
                return;
            }
            _isFlushing = true;
        }
        Write(hasOthers);
    }

    /// <summary>Gives back what buffers have grown to, unless they are in use.</summary>
    public void Shrink()
    {
        lock (_lock)
        {
            if (!_isFlushing && !_isClosed && _pending.Count == 0)
            {
                _pending.Clear(FirstSize);
                _writing.Clear(FirstSize);
            }
        }
    }

    /// <summary>Calls once when fewer than so many bytes wait.</summary>
    /// <returns>False when it is so already: nothing is called.</returns>
    public bool WhenRoom(long bytes, Action call)
    {
        lock (_lock)
        {
            if (_isClosed || Waiting < bytes)
            {
                return false;
            }
            (_onRoom, _room) = (call, bytes);
            return true;
        }
    }

    /// <summary>Whether fewer than so many bytes wait.</summary>
    /// <param name="bytes">As many in all calls.</param>
    /// <param name="room">When not: completes when it is so, or nothing is written any more.</param>
    public bool HasRoom(long bytes, [NotNullWhen(false)] out Task? room)
    {
        room = null;
        if (Waiting < bytes)
        {
            return true;
        }
        lock (_lock)
        {
            if (_isClosed || Waiting < bytes)
            {
                return true;
            }
            _room = bytes;
            _roomAwaited ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            room = _roomAwaited.Task;
            return false;
        }
    }

    /// <summary>Takes nothing more; what waits is forgotten.</summary>
    public void Close()
    {
        Action? onRoom;
        lock (_lock)
        {
            if (_isClosed)
            {
                return;
            }
            _isClosed = true;
            onRoom = TellRoom();
            foreach (var message in _large)
            {
                message.End();
            }
            _large.Clear();
            if (!_isFlushing)
            {
                Release();
            }
        }
        onRoom?.Invoke();
    }

    private void AddFrame(FrameKind kind, FrameFlags flags, uint call, ReadOnlySpan<byte> payload)
    {
        var frame = _pending.Take(FrameHeader.Size + payload.Length);
        new FrameHeader(kind, flags, payload.Length, call).Write(frame);
        payload.CopyTo(frame[FrameHeader.Size..]);
    }

    void IThreadPoolWorkItem.Execute() => Write(hasOthers: false);

    private void Write(bool hasOthers)
    {
        try
        {
            if (_isDraining)
            {
                _isDraining = false;
                _drain.GetAwaiter().GetResult();
                Volatile.Write(ref _progressAt, Stopwatch.GetTimestamp());
            }
            for (var writes = 1; TakeNext(out var hasMore); writes++)
            {
                stream.Write(_writing.Written);
                if (socket.HasUnsent)
                {
                    _drain = socket.DrainAsync(isHeld: true);
                    if (!_drain.IsCompleted)
                    {
                        _isDraining = true;
                        _drain.GetAwaiter().UnsafeOnCompleted(_resume ??= Resume);
                        socket.BeginDrain();
                        return;
                    }
                    _drain.GetAwaiter().GetResult();
                }
                Volatile.Write(ref _progressAt, Stopwatch.GetTimestamp());
                if (!hasMore && (!hasOthers || writes < MostWrites))
                {
                    continue;
                }
                if (hasOthers)
                {
                    handoff.Run(this);
                    return;
                }
                // Who waits for a processor has less to do, as a rule.
                Thread.Yield();
            }
        }
        catch (Exception error)
        {
            Fail(error);
        }
    }

    // Not on the event thread, which others need.
    private void Resume() => handoff.Run(this);

    /// <summary>Takes what is to be written next; false when there is nothing, and nobody writes any more.</summary>
    /// <param name="hasMore">Whether there is more of large messages.</param>
    private bool TakeNext(out bool hasMore)
    {
        Action? onRoom = null;
        hasMore = false;
        lock (_lock)
        {
            _writing.Clear(WriteSize);
            if (_isClosed)
            {
                _isFlushing = false;
                Release();
                return false;
            }
            if (_pending.Count == 0 && _large.Count == 0)
            {
                _isFlushing = false;
                return false;
            }
            (_pending, _writing) = (_writing, _pending);
            // At least one: small frames never keep the large messages from going on.
            do
            {
                if (!_large.TryDequeue(out var message))
                {
                    break;
                }
                var before = message.Left;
                if (!message.WriteNext(_writing))
                {
                    _large.Enqueue(message);
                }
                _largeBytes -= Math.Min(before, FrameHeader.MaxPayload);
            }
            while (_writing.Count < WriteSize - FrameHeader.MaxPayload);
            hasMore = _large.Count > 0;
            onRoom = TellRoom();
        }
        onRoom?.Invoke();
        return true;
    }

    private void Fail(Exception error)
    {
        lock (_lock)
        {
            _isFlushing = false;
            if (_isClosed)
            {
                Release();
                return;
            }
        }
        onFailed(error);
    }

    // Under the lock. Whoever waits for a task goes on elsewhere; what is given is called outside of the lock.
    private Action? TellRoom()
    {
        if (!_isClosed && Waiting >= _room)
        {
            return null;
        }
        _roomAwaited?.TrySetResult();
        _roomAwaited = null;
        var onRoom = _onRoom;
        _onRoom = null;
        return onRoom;
    }

    private void Release()
    {
        _pending.Dispose();
        _writing.Dispose();
    }
}
