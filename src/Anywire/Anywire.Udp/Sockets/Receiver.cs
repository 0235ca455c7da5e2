using System.Net.Sockets;
using Anywire.Udp.Format;

namespace Anywire.Udp.Sockets;

/// <summary>Receives on a thread of its own and has what comes taken there, without handing it to another. Whoever blocks it for longer than a moment loses the role: another
/// thread goes on with the next message, so that nobody waits for one that blocks.</summary>
internal sealed class Receiver : IDisposable
{
    // Whoever blocks does so for this long and at most twice as long before somebody else receives.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(20);

    private const int MostReceives = 16;

    private readonly UdpSocket _socket;
    private readonly IDatagramSink _sink;
    private readonly string _name;
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(64 * 1024, pinned: true);
    private readonly MessageReader _messages;
    private readonly ITimer _watch;
    private readonly Spin _spin = new();
    private PeerAddress _from = null!;
    private int _came;
    private int _segment;
    private int _at;
    private uint _receives;
    private bool _isOpen;
    private bool _isDry = true;
    // Odd while a message that was read brings about what may block. Who is only slow to read it keeps the role.
    private long _turn;
    private long _seen;
    private int _isWatched;
    private volatile int _leader;
    private volatile bool _isClosed;

    public Receiver(UdpSocket socket, IDatagramSink sink, string name, TimeProvider time)
    {
        (_socket, _sink, _name) = (socket, sink, name);
        _messages = new MessageReader(Release);
        _watch = time.CreateTimer(static r => ((Receiver)r!).Watch(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Whether this is the thread that receives: what it adds goes when it has run dry.</summary>
    public bool IsCurrentThread => Environment.CurrentManagedThreadId == _leader;

    public void Start()
    {
        // The thread serves everybody; the trace of whoever made it is not theirs.
        OwnThread.Run(Run, _name);
    }

    public void Dispose()
    {
        _isClosed = true;
        _watch.Dispose();
    }

    private void Run()
    {
        _leader = Environment.CurrentManagedThreadId;
        var clean = ExecutionContext.Capture();
        while (!_isClosed)
        {
            try
            {
                if (!_isOpen && !NextDatagram())
                {
                    continue;
                }
                if (!_messages.MoveNext())
                {
                    _isOpen = false;
                    continue;
                }
            }
            catch (MalformedMessageException problem)
            {
                _isOpen = false;
                _sink.Refuse(problem);
                continue;
            }
            catch (Exception error)
            {
                _isOpen = false;
                // Whoever sent it, others' datagrams come by this thread.
                _sink.Broke(error);
                continue;
            }
            if (!Take())
            {
                return;
            }
            if (clean is not null)
            {
                ExecutionContext.Restore(clean);
            }
        }
    }

    /// <summary>Has a message taken; false when that took so long that another thread has the role.</summary>
    private bool Take()
    {
        var turn = _turn + 1;
        MalformedMessageException? problem = null;
        try
        {
            _sink.Take(_messages);
        }
        catch (MalformedMessageException malformed)
        {
            problem = malformed;
        }
        catch (Exception error)
        {
            // Others' messages come by this thread.
            _sink.Broke(error);
        }
        var now = Interlocked.CompareExchange(ref _turn, turn + 1, turn);
        if (now > turn)
        {
            // What it has added while it had the role would otherwise wait for the next datagram.
            _sink.RanDry();
            return false;
        }
        if (problem is not null)
        {
            _isOpen = false;
            _sink.Refuse(problem);
        }
        return true;
    }

    private void Release()
    {
        if (_turn % 2 != 0)
        {
            return;
        }
        // A full fence: either the watch sees this turn before it rests, or we see that it rests.
        Interlocked.Increment(ref _turn);
        if (Volatile.Read(ref _isWatched) == 0)
        {
            Volatile.Write(ref _isWatched, 1);
            _watch.Change(Patience, Patience);
        }
    }

    private bool NextDatagram()
    {
        if (_at >= _came && !Receive())
        {
            return false;
        }
        var length = Math.Min(_segment, _came - _at);
        var datagram = _buffer.AsMemory(_at, length);
        _at += Math.Max(length, 1);
        _isOpen = _sink.Open(datagram, _from, _messages);
        return _isOpen;
    }

    private bool Receive()
    {
        try
        {
            _came = Next();
        }
        catch (SocketException error)
        {
            _came = -1;
            if (!_isClosed)
            {
                _sink.Failed(error);
            }
        }
        catch (ObjectDisposedException)
        {
            _came = -1;
            _isClosed = true;
        }
        _at = 0;
        if (_came < 0)
        {
            if (!_isDry)
            {
                _isDry = true;
                _sink.RanDry();
            }
            return false;
        }
        _isDry = false;
        if (++_receives % MostReceives == 0)
        {
            // Where something always comes, what waits for the end of it would wait for ever.
            _sink.RanDry();
        }
        return true;
    }

    // Who answers at once is not slept for.
    private int Next()
    {
        if (_isDry && _spin.Begin())
        {
            do
            {
                var came = _socket.Receive(_buffer, wait: false, out _segment, out _from);
                if (came >= 0)
                {
                    _spin.Succeeded();
                    return came;
                }
            }
            while (_spin.GoOn());
        }
        return _socket.Receive(_buffer, wait: _isDry, out _segment, out _from);
    }

    private void Watch()
    {
        var turn = Volatile.Read(ref _turn);
        if (turn != _seen)
        {
            _seen = turn;
            // What waits for the end of it would otherwise wait for all that many messages bring about, or several that block in turn.
            _sink.RanDry();
            return;
        }
        if (turn % 2 == 0)
        {
            // Nothing is being taken: the watch rests until something is.
            Interlocked.Exchange(ref _isWatched, 0);
            _watch.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            if (Volatile.Read(ref _turn) != turn)
            {
                Volatile.Write(ref _isWatched, 1);
                _watch.Change(Patience, Patience);
            }
            return;
        }
        if (Interlocked.CompareExchange(ref _turn, turn + 1, turn) == turn)
        {
            Start();
        }
    }
}
