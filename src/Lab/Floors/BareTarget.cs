using System.Net;
using System.Net.Sockets;
using System.Threading.Tasks.Sources;
using Twite.Lab.Call;

namespace Twite.Lab.Floors;

/// <summary>The client of the bare socket: one connection, one blocking reader that completes calls inline, and one send for all requests that
/// those completions made. At most <see cref="Slots"/> calls at once; one more fails at once.</summary>
internal sealed class BareTarget : ICallTarget
{
    private const int Slots = 4_096;
    private const int Batch = 1_024;

    private readonly Lock _gate = new();
    private readonly Sessions _sessions;
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly Slot[] _slots;
    private readonly Stack<int> _free = new(Enumerable.Range(0, Slots));
    private readonly byte[] _requests = new byte[Slots * BareFrames.RequestLength];
    private readonly Task _reading;
    private int _filled;
    private bool _isCompleting;
    private bool _isClosed;

    public BareTarget(int port, Sessions sessions)
    {
        _sessions = sessions;
        _slots = [.. Enumerable.Range(0, Slots).Select(i => new Slot(this, i))];
        _socket.Connect(new IPEndPoint(IPAddress.Loopback, port));
        _reading = Task.Factory.StartNew(Read, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    public async ValueTask<bool> VerifyAsync(long number)
    {
        var session = await Send(_sessions.TokenOf(number));
        return session.AccountId == Sessions.AccountOf(number);
    }

    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        await _reading;
    }

    private ValueTask<Session> Send(string token)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isClosed, this);
            if (!_free.TryPop(out var slot))
            {
                throw new InvalidOperationException($"{Slots} calls are under way already.");
            }
            var task = _slots[slot].Begin();
            BareFrames.WriteRequest(_requests.AsSpan(_filled, BareFrames.RequestLength), slot, token);
            _filled += BareFrames.RequestLength;
            if (!_isCompleting)
            {
                Flush();
            }
            return task;
        }
    }

    private void Flush()
    {
        if (_filled > 0)
        {
            _socket.Send(_requests.AsSpan(0, _filled));
            _filled = 0;
        }
    }

    private void Read()
    {
        var replies = new byte[Batch * BareFrames.ReplyLength];
        var filled = 0;
        try
        {
            while (true)
            {
                var received = _socket.Receive(replies.AsSpan(filled));
                if (received == 0)
                {
                    break;
                }
                filled += received;
                var count = filled / BareFrames.ReplyLength;
                Complete(replies.AsSpan(0, count * BareFrames.ReplyLength));
                var taken = count * BareFrames.ReplyLength;
                replies.AsSpan(taken, filled - taken).CopyTo(replies);
                filled -= taken;
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // The connection has ended.
        }
        Close();
    }

    private void Complete(ReadOnlySpan<byte> replies)
    {
        lock (_gate)
        {
            _isCompleting = true;
        }
        for (; replies.Length > 0; replies = replies[BareFrames.ReplyLength..])
        {
            var slot = BareFrames.ReadSlot(replies);
            _slots[slot].End(BareFrames.ReadReply(replies));
        }
        lock (_gate)
        {
            _isCompleting = false;
            Flush();
        }
    }

    private void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
        }
        foreach (var slot in _slots)
        {
            slot.Fail();
        }
    }

    private void Free(int slot)
    {
        lock (_gate)
        {
            _free.Push(slot);
        }
    }

    private sealed class Slot(BareTarget owner, int index) : IValueTaskSource<Session>
    {
        private ManualResetValueTaskSourceCore<Session> _core;
        private int _isOpen;

        public ValueTask<Session> Begin()
        {
            _core.Reset();
            Volatile.Write(ref _isOpen, 1);
            return new ValueTask<Session>(this, _core.Version);
        }

        public void End(Session session)
        {
            if (Interlocked.Exchange(ref _isOpen, 0) == 1)
            {
                _core.SetResult(session);
            }
        }

        public void Fail()
        {
            if (Interlocked.Exchange(ref _isOpen, 0) == 1)
            {
                _core.SetException(new IOException("The connection has ended."));
            }
        }

        public Session GetResult(short token)
        {
            try
            {
                return _core.GetResult(token);
            }
            finally
            {
                // Not before its caller has the result: who takes the slot next overwrites it.
                owner.Free(index);
            }
        }

        public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

        public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
            _core.OnCompleted(continuation, state, token, flags);
    }
}
