using System.Buffers;
using System.Diagnostics;
using Anywire.Tcp.Format;

namespace Anywire.Tcp.Connections;

#pragma warning disable VSTHRD002, CA2012 // A read is looked at only once it has completed; awaiting would give the thread away that waits on the socket.

/// <summary>Reads the frames of one connection. One thread at a time has the reading role; it runs handlers and continuations itself, because waking
/// another thread for each costs more than all else together. Should one of them hold it up, the role goes to another thread (<see cref="TakeOver"/>),
/// so that code which blocks waits for nobody but itself.</summary>
/// <param name="stream">What is read: TLS over the socket, or the socket.</param>
/// <param name="socket">The socket.</param>
/// <param name="threads">Where reading threads come from.</param>
/// <param name="handoff">Where one over which little comes is read on, and all those in excess of these threads.</param>
/// <param name="sink">Who takes the frames.</param>
internal sealed class FrameReader(Stream stream, SocketStream socket, ReaderThreads threads, Handoff handoff, IFrameSink sink) : IReader, IThreadPoolWorkItem
{
    // More than the largest frame, and no more than an array of the pool that is twice as large.
    private const int BufferSize = 64 * 1024;

    // Of large messages, before others may use the processor: those who have small ones to send.
    private const int MostAtOnce = 128 * 1024;

    // After so long without a byte more of the same is expected: it waits without a buffer.
    private static readonly long Quiet = Stopwatch.Frequency;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
    private bool _isQuiet;
    private Action? _readOn;
    private ValueTask<int> _read;
    private bool _isReading;
    private int _start;
    private int _end;
    private int _atOnce;

    // Twice the number of the reader, and one more while it runs somebody else's code.
    private long _role;
    private volatile int _thread;
    private volatile bool _isHeld;
    private Pace? _pace;
    private int _runs;
    private (long Role, int Runs) _seen;
    private volatile bool _hasRun;
    private long _receivedAt = Stopwatch.GetTimestamp();

    /// <summary>When something last came, or could have come again.</summary>
    public long ReceivedAt => Volatile.Read(ref _receivedAt);

    /// <summary>Whether it reads nothing, because too much waits to be written: nothing can be heard meanwhile.</summary>
    public bool IsHeld => _isHeld;

    /// <summary>Whether the calling thread reads now: what it adds to send goes out when it pauses.</summary>
    public bool IsReadingThread => _thread == Environment.CurrentManagedThreadId;

    /// <summary>Whether somebody else's code runs on the reading thread.</summary>
    public bool IsLent => (Volatile.Read(ref _role) & 1) != 0;

    /// <summary>Whether somebody else's code had run on it between the last two calls of <see cref="TakeOver"/>: more is likely to.</summary>
    public bool HasRun => _hasRun;

    /// <summary>The context that the reading thread has by itself: nobody's. Set once something was read.</summary>
    public ExecutionContext Context { get; private set; } = null!;

    /// <summary>Begins to read.</summary>
    public void Start() => RunOn();

    /// <summary>Somebody else's code is about to be run by the reading thread. All that was read of the frame must have been used.</summary>
    /// <param name="pace">Whose code.</param>
    /// <returns>What <see cref="Leave"/> takes.</returns>
    public long Enter(Pace pace)
    {
        var role = _role;
        _pace = pace;
        _runs++;
        Volatile.Write(ref _role, role | 1);
        sink.OnLent();
        return role;
    }

    /// <summary>It has returned.</summary>
    /// <returns>Whether the calling thread still is the reading one; otherwise it must touch nothing more.</returns>
    public bool Leave(long role) => Interlocked.CompareExchange(ref _role, role, role | 1) == (role | 1);

    /// <summary>To be called every few milliseconds: when somebody's code has run on the reading thread since the last time, another thread reads on.</summary>
    public void TakeOver()
    {
        var seen = (Role: Volatile.Read(ref _role), Runs: Volatile.Read(ref _runs));
        var before = _seen;
        (_seen, _hasRun) = (seen, seen.Runs != before.Runs);
        if ((seen.Role & 1) == 0 || seen != before)
        {
            return;
        }
        var pace = _pace;
        if (Interlocked.CompareExchange(ref _role, seen.Role + 1, seen.Role) == seen.Role)
        {
            pace?.Blocked();
            sink.OnTakenOver();
            RunOn();
        }
    }

    void IReader.Read(bool mayBlock)
    {
        try
        {
            _thread = Environment.CurrentManagedThreadId;
            socket.MayBlock = mayBlock;
            Context ??= ExecutionContext.Capture()!;
            Read();
        }
        catch (Exception error)
        {
            End(error);
        }
    }

    private void Read()
    {
        if (_isHeld)
        {
            // In this order: whoever looks between the two must not take the silence for the peer's.
            Volatile.Write(ref _receivedAt, Stopwatch.GetTimestamp());
            _isHeld = false;
        }
        if (_isReading)
        {
            _isReading = false;
            if (!Received(_read.GetAwaiter().GetResult()))
            {
                return;
            }
        }
        while (true)
        {
            if (!TakeFrames())
            {
                return;
            }
            sink.OnPause();
            GiveWay();
            // Said beforehand: once it must wait, another thread may read on already.
            _isHeld = true;
            if (sink.MustWait(_readOn ??= ReadOn))
            {
                return;
            }
            _isHeld = false;
            socket.HoldsReads = true;
            var read = stream.ReadAsync(Room());
            if (!read.IsCompleted)
            {
                (_read, _isReading, _thread) = (read, true, 0);
                read.GetAwaiter().UnsafeOnCompleted(_readOn);
                socket.BeginRead();
                return;
            }
            if (!Received(read.GetAwaiter().GetResult()))
            {
                return;
            }
        }
    }

    void IThreadPoolWorkItem.Execute() => ((IReader)this).Read(mayBlock: false);

    private void ReadOn()
    {
        if (_buffer.Length == 0)
        {
            // A heartbeat, as a rule: many at once need few threads.
            handoff.Run(this);
        }
        else
        {
            RunOn();
        }
    }

    // Not on the bare pool, which code that blocks may have all of: whoever is not read for long is taken for silent.
    private void RunOn()
    {
        if (!threads.TryRun(this))
        {
            handoff.Run(this);
        }
    }

    /// <summary>Where to read to; nowhere when it is only to be waited for something.</summary>
    private Memory<byte> Room()
    {
        if (_isQuiet && _end == 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
            sink.OnQuiet();
            // Nor with a thread.
            socket.MayBlock = false;
        }
        return _buffer.AsMemory(_end);
    }

    private bool Received(int count)
    {
        if (_buffer.Length == 0)
        {
            // There is something, or the end.
            _buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
            _isQuiet = false;
            return true;
        }
        if (count == 0)
        {
            End(null);
            return false;
        }
        _end += count;
        var now = Stopwatch.GetTimestamp();
        _isQuiet = now - _receivedAt > Quiet;
        Volatile.Write(ref _receivedAt, now);
        sink.OnReceived();
        return true;
    }

    private bool TakeFrames()
    {
        while (_end - _start >= FrameHeader.Size)
        {
            var header = FrameHeader.Read(_buffer.AsSpan(_start));
            if (header.Length > FrameHeader.MaxPayload)
            {
                throw new ProtocolException($"it announced a frame of {header.Length:N0} bytes, and at most {FrameHeader.MaxPayload:N0} are allowed");
            }
            if (_end - _start < FrameHeader.Size + header.Length)
            {
                break;
            }
            var payload = _buffer.AsMemory(_start + FrameHeader.Size, header.Length);
            _start += FrameHeader.Size + header.Length;
            _atOnce += header.HasMore ? header.Length : 0;
            if (!sink.OnFrame(header, payload))
            {
                return false;
            }
        }
        if (_start == _end)
        {
            (_start, _end) = (0, 0);
        }
        else if (_start >= BufferSize / 2 || _end == _buffer.Length)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }
        return true;
    }

    private void GiveWay()
    {
        if (_atOnce >= MostAtOnce)
        {
            _atOnce = 0;
            Thread.Yield();
        }
    }

    private void End(Exception? error)
    {
        _thread = 0;
        sink.OnEnd(error);
    }
}
