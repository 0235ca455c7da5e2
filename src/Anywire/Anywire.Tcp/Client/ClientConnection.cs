using System.Buffers.Binary;
using Anywire.Tcp.Connections;
using Anywire.Tcp.Format;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Anywire.Tcp.Client;

/// <summary>One connection to one server of a service.</summary>
internal sealed class ClientConnection : Connection
{
    // A call's id is its place in the table and, above it, how often the place has been taken: what comes late for a call that was given up finds another id there.
    private const int PlaceBits = 16;
    private const int FirstPlaces = 64;

    private readonly Lock _lock = new();
    private readonly string _service;
    private readonly Stack<int> _free = new(FirstPlaces);
    private bool[] _announced = new bool[FirstPlaces];
    private volatile ClientCall?[] _calls = new ClientCall?[FirstPlaces];
    private ushort[] _turns = new ushort[FirstPlaces];
    private int _places;
    private int _count;
    private volatile bool _isDraining;
    private volatile bool _mustLeave;

    public ClientConnection(OpenedStream opened, Runtime runtime, TransportClientOptions options, Endpoint endpoint, ILogger logger)
        : base(opened, runtime, options.Time, logger) =>
        (_service, Endpoint) = (options.Service, endpoint);

    public Endpoint Endpoint { get; }

    public override int Calls => Volatile.Read(ref _count);

    /// <summary>Whether the server has refused a call because it shuts down, or has said that it does.</summary>
    public bool IsDraining
    {
        get => _isDraining;
        set => _isDraining = value;
    }

    /// <summary>Whether new calls may go here.</summary>
    public bool IsOpen => !_isDraining && !IsClosed;

    protected override bool WaitsForRoom => false;

    /// <summary>Writes what stands before a call's first message.</summary>
    /// <returns>Why it cannot be called; null when it was written.</returns>
    public RpcException? TryWriteHead(MessageBuffer message, ClientCall call)
    {
        var head = message.Head;
        head.UInt16(call.Method.Number);
        if (call.Deadline == DateTime.MaxValue)
        {
            head.UInt32(uint.MaxValue);
        }
        else
        {
            var left = Left(call);
            if (left <= TimeSpan.Zero)
            {
                return new RpcException(new Status(StatusCode.DeadlineExceeded, "The deadline passed."));
            }
            head.UInt32((uint)Math.Min(Math.Ceiling(left.TotalMilliseconds), uint.MaxValue - 1));
        }
        return MetadataFormat.TryWrite(head, call.RequestHeaders)
            ? null
            : new RpcException(new Status(
                StatusCode.ResourceExhausted,
                $"The metadata of a call of {call.Method.FullName} is more than a frame holds: at most {MetadataFormat.MaxBytes:N0} bytes in {MetadataFormat.MaxEntries} entries."));
    }

    /// <summary>Gives a call its id, and its frames the way to it.</summary>
    /// <param name="call">The call, whose number and connection this sets.</param>
    /// <param name="id">Its number here.</param>
    /// <returns>Why it cannot be carried here; null when it can.</returns>
    public RpcException? TryTakeId(ClientCall call, out uint id)
    {
        id = 0;
        if (Sender.Waiting > Runtime.Options.MaxWaitingBytes)
        {
            return new RpcException(new Status(
                StatusCode.ResourceExhausted, $"More than {Runtime.Options.MaxWaitingBytes:N0} bytes wait to be sent to {_service}, which takes them too slowly. Try again in a moment."));
        }
        lock (_lock)
        {
            if (IsClosed)
            {
                return NotExecuted.Because("unreachable", $"The connection to {_service} at {Endpoint} was lost before the call was sent.");
            }
            if (_mustLeave)
            {
                return NotExecuted.Because("draining", $"{_service} at {Endpoint} is shutting down and takes no new calls. Try again, elsewhere or in a moment.");
            }
            if (_count >= Peer.MaxCalls || !TryTakePlace(out var place))
            {
                return new RpcException(new Status(
                    StatusCode.ResourceExhausted, $"{_service} takes {Peer.MaxCalls:N0} calls at once over one connection, and as many are under way. Try again in a moment."));
            }
            var turn = ++_turns[place];
            if (turn == 0)
            {
                turn = ++_turns[place];
            }
            call.Id = id = ((uint)turn << PlaceBits) | (uint)place;
            call.Connection = this;
            _calls[place] = call;
            _count++;
            var number = call.Method.Number;
            if (number >= _announced.Length || !_announced[number])
            {
                Announce(call.Method);
            }
        }
        Runtime.Watchdog.Wake();
        return null;
    }

    /// <summary>A call has ended, or goes elsewhere.</summary>
    /// <returns>False when it was none of the connection's any more.</returns>
    public bool Release(ClientCall call) => Release(call, out _);

    /// <summary>As <see cref="Release(ClientCall)"/>.</summary>
    /// <param name="call">The call.</param>
    /// <param name="id">The number that it had here.</param>
    public bool Release(ClientCall call, out uint id)
    {
        bool isLast;
        lock (_lock)
        {
            id = call.Id;
            var place = (int)(id & ((1 << PlaceBits) - 1));
            // The call may be on its way over another connection by now, and have its number there.
            if (place >= _calls.Length || _calls[place] != call)
            {
                return false;
            }
            _calls[place] = null;
            _free.Push(place);
            isLast = --_count == 0 && _mustLeave;
        }
        if (isLast)
        {
            LeaveDrained();
        }
        return true;
    }

    protected override bool OnCallFrame(FrameHeader header, ReadOnlyMemory<byte> payload)
    {
        var calls = _calls;
        var place = (int)(header.Call & ((1 << PlaceBits) - 1));
        if (place >= calls.Length || calls[place] is not { } call || call.Id != header.Call)
        {
            // It was given up here while this was on its way.
            return header.Kind is FrameKind.Message or FrameKind.Status or FrameKind.Headers or FrameKind.Window ? true : throw new ProtocolException($"it sent a frame of kind {(byte)header.Kind}");
        }
        return call.OnFrame(this, header, payload);
    }

    protected override void OnGoAway(string reason) => Leave(reason);

    /// <summary>Takes no new calls, and closes when the last one has ended.</summary>
    public void Leave(string reason)
    {
        bool isIdle;
        lock (_lock)
        {
            // From here on no call begins: one that did would be lost with the connection.
            (_isDraining, _mustLeave) = (true, true);
            isIdle = _count == 0;
        }
        if (isIdle)
        {
            Close(reason);
        }
    }

    protected override void OnTick()
    {
        var now = Time.GetTimestamp();
        foreach (var call in _calls)
        {
            if (call is not null && call.DueAt <= now)
            {
                call.Expire();
            }
        }
    }

    protected override void OnClosed(string reason, Exception? error)
    {
        ClientCall?[] calls;
        lock (_lock)
        {
            calls = [.. _calls];
        }
        foreach (var call in calls)
        {
            call?.OnLost(this, new RpcException(new Status(StatusCode.Unavailable, $"The connection to {_service} at {Endpoint} was lost before it answered: {reason}.", error)));
        }
    }

    private TimeSpan Left(ClientCall call)
    {
        var isReading = Reader.IsReadingThread;
        var timestamp = isReading ? ReceivedTimestamp : Time.GetTimestamp();
        if (call.DueAt == 0)
        {
            call.Date(isReading ? ReceivedAt : Time.GetUtcNow().UtcDateTime, timestamp);
        }
        return Time.GetElapsedTime(timestamp, call.DueAt);
    }

    private void LeaveDrained()
    {
        // Not here: the reading thread may be in the middle of a batch.
        ThreadPool.UnsafeQueueUserWorkItem(static c => c.Close("the server shut down"), this, preferLocal: false);
    }

    private void Announce(ClientMethod method)
    {
        if (method.Number >= _announced.Length)
        {
            Array.Resize(ref _announced, method.Number + FirstPlaces);
        }
        _announced[method.Number] = true;
        var payload = new byte[2 + method.Name.Length];
        BinaryPrimitives.WriteUInt16BigEndian(payload, method.Number);
        method.Name.CopyTo(payload, 2);
        Sender.Add(FrameKind.Method, FrameFlags.None, 0, payload);
    }

    private bool TryTakePlace(out int place)
    {
        if (_free.TryPop(out place))
        {
            return true;
        }
        if (_places == _calls.Length)
        {
            if (_places == 1 << PlaceBits)
            {
                return false;
            }
            var larger = new ClientCall?[2 * _places];
            _calls.CopyTo(larger, 0);
            Array.Resize(ref _turns, larger.Length);
            _calls = larger;
        }
        place = _places++;
        return true;
    }
}
