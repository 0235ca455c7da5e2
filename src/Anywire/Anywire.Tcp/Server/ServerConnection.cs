using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Anywire.Tcp.Connections;
using Anywire.Tcp.Format;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Anywire.Tcp.Server;

/// <summary>One connection of one caller.</summary>
internal sealed class ServerConnection : Connection
{
    // More than any service has; a caller that names more is none of ours.
    private const int MaxMethods = 4_096;
    private const int MaxNameBytes = 1_024;
    private const long MaxOverdraft = 64L * 1024 * 1024;

    private readonly FrozenDictionary<string, ServerMethod> _methods;
    private readonly Dictionary<ushort, (ServerMethod? Method, string Name)> _numbers = [];

    // The methods with small numbers, which callers of ours give: found without a dictionary.
    private readonly ServerMethod?[] _small = new ServerMethod?[256];
    private readonly RequestMetadata _metadata = new();
    private readonly Lock _lock = new();
    private readonly Dictionary<uint, ServerCall> _calls = [];

    // Their callers want no answer any more, and may give their ids to other calls; their handlers still run.
    private readonly HashSet<ServerCall> _leftBehind = [];

    public ServerConnection(OpenedStream opened, Runtime runtime, FrozenDictionary<string, ServerMethod> methods, TransportServerOptions options, ILogger logger)
        : base(opened, runtime, options.Time, logger)
    {
        (_methods, Loggers) = (methods, options.Loggers);
        Window = options.Limits.StreamWindowBytes;
        Unread = new PartsBudget(runtime.Options.MaxUnreadBytes);
    }

    /// <summary>Where it is told what is wrong with handlers.</summary>
    public ILoggerFactory Loggers { get; }

    /// <summary>How many bytes of a stream of requests may be under way.</summary>
    public int Window { get; }

    /// <summary>What requests may take that have come in streams and were not read.</summary>
    public PartsBudget Unread { get; }

    /// <summary>The call whose handler the reading thread runs, or ran last.</summary>
    public ServerCall? Inline { get; set; }

    public override int Calls => _calls.Count + _leftBehind.Count;

    /// <summary>Whether so much waits to be written that a reply is not kept any more. Reading has stopped long before; these are calls that were under way.</summary>
    public bool IsOverfull => Sender.Waiting > Runtime.Options.MaxWaitingBytes + MaxOverdraft;

    /// <summary>Whether there is something that its caller is to get and the system has not taken yet.</summary>
    public bool IsSending => Sender.Waiting > 0 || Sender.IsWriting;

    /// <summary>When the system last took some of it.</summary>
    public long SentAt => Sender.ProgressAt;

    protected override bool WaitsForRoom => true;

    /// <summary>Keeps a call, so that further frames find it.</summary>
    /// <returns>False when there are too many; its caller has been told.</returns>
    public bool TryKeep(ServerCall call)
    {
        lock (_lock)
        {
            if (_leftBehind.Contains(call))
            {
                return true;
            }
            if (_calls.TryGetValue(call.Id, out var kept))
            {
                return kept == call ? true : throw new ProtocolException("it opened a call under the id of another that is under way");
            }
            if (!IsClosed && Calls < Runtime.Options.MaxCallsPerConnection)
            {
                _calls.Add(call.Id, call);
                call.IsKept = true;
                return true;
            }
        }
        // Its handler may be at work, and nobody waits for it any more.
        call.CancelByPeer();
        RefuseFull(call.Id);
        return false;
    }

    /// <summary>Whether there is room for more of a stream.</summary>
    /// <param name="room">When not: completes when there may be.</param>
    public bool HasRoom([NotNullWhen(false)] out Task? room) => Sender.HasRoom(Runtime.Options.MaxWaitingBytes, out room);

    /// <summary>A call has ended.</summary>
    public void Forget(ServerCall call)
    {
        lock (_lock)
        {
            if (!_leftBehind.Remove(call) && _calls.TryGetValue(call.Id, out var kept) && kept == call)
            {
                _calls.Remove(call.Id);
            }
        }
    }

    /// <summary>Tells the caller to make no new calls here.</summary>
    public void GoAway()
    {
        Send(FrameKind.GoAway, FrameFlags.None, 0, "the service is shutting down"u8);
        Flush();
    }

    protected override bool OnCallFrame(FrameHeader header, ReadOnlyMemory<byte> payload)
    {
        switch (header.Kind)
        {
            case FrameKind.Method:
                OnMethod(payload);
                return true;
            case FrameKind.Call:
                return OnCall(header, payload);
            case FrameKind.Message or FrameKind.HalfClose or FrameKind.Window:
                return Find(header.Call)?.OnFrame(header, payload) ?? true;
            case FrameKind.Cancel:
                var call = LeaveBehind(header.Call);
                // Before its number can be another's; of one whose handler has ended as well, for its reply may still be on its way.
                Abandon(header.Call);
                call?.CancelByPeer();
                return true;
            default:
                throw new ProtocolException($"it sent a frame of kind {(byte)header.Kind}, which a caller may not");
        }
    }

    protected override void OnTakenOver()
    {
        // Its caller may cancel it now: somebody reads again.
        if (Inline is not { } call)
        {
            return;
        }
        lock (_lock)
        {
            call.IsKept = true;
            // It may be ending this moment, on the thread that is held up: then it sees that it is kept, or is seen here to have ended.
            Interlocked.MemoryBarrier();
            if (call.IsEnded)
            {
                // Only its reply takes so long: nobody would forget it again.
                return;
            }
            if (!IsClosed)
            {
                _calls.TryAdd(call.Id, call);
                return;
            }
        }
        // Those that were kept have been told already.
        call.CancelByPeer();
    }

    protected override void OnGoAway(string reason)
    {
        // A caller has nothing to go away from; it closes the connection.
    }

    protected override void OnClosed(string reason, Exception? error)
    {
        ServerCall[] calls;
        lock (_lock)
        {
            calls = [.. _calls.Values];
        }
        foreach (var call in calls)
        {
            call.CancelByPeer();
        }
        // It is not kept yet, and the watchdog, which would see to that, does not come any more.
        if (Reader.IsLent && Inline is { IsKept: false, IsEnded: false } inline)
        {
            inline.CancelByPeer();
        }
    }

    private ServerMethod? Find(ushort number) => _numbers.TryGetValue(number, out var called) ? called.Method : null;

    private ServerCall? Find(uint id)
    {
        lock (_lock)
        {
            return _calls.GetValueOrDefault(id);
        }
    }

    private ServerCall? LeaveBehind(uint id)
    {
        lock (_lock)
        {
            if (_calls.Remove(id, out var call))
            {
                _leftBehind.Add(call);
            }
            return call;
        }
    }

    private void OnMethod(ReadOnlyMemory<byte> payload)
    {
        var reader = new PayloadReader(payload.Span);
        var number = reader.UInt16();
        if ((_numbers.Count >= MaxMethods && !_numbers.ContainsKey(number)) || reader.Rest.Length > MaxNameBytes)
        {
            throw new ProtocolException($"it gave more than {MaxMethods:N0} numbers to methods, or named one by more than {MaxNameBytes:N0} bytes");
        }
        var name = Encoding.UTF8.GetString(reader.Rest);
        var method = _methods.GetValueOrDefault(name);
        _numbers[number] = (method, name);
        if (number < _small.Length)
        {
            _small[number] = method;
        }
    }

    private bool OnCall(FrameHeader header, ReadOnlyMemory<byte> payload)
    {
        if (IsClosed)
        {
            // It came together with what was taken before: nobody waits for its answer.
            return true;
        }
        if (header.Call == 0)
        {
            throw new ProtocolException("it opened a call under the number 0, which is the connection's own");
        }
        var reader = new PayloadReader(payload.Span);
        var number = reader.UInt16();
        var left = reader.UInt32();
        var headers = _metadata.Read(ref reader);
        if ((number < _small.Length ? _small[number] : Find(number)) is not { } method)
        {
            var name = _numbers.TryGetValue(number, out var called) ? called.Name : throw new ProtocolException($"it called method {number} without having named it");
            Refuse(header.Call, new Status(StatusCode.Unimplemented, $"There is no method {name} here."));
            return true;
        }
        if (Calls > 0 && !HasRoomFor(header.Call))
        {
            return true;
        }
        var deadline = left == uint.MaxValue ? DateTime.MaxValue : ReceivedAt + TimeSpan.FromMilliseconds(left);
        return method.Open(this, header, deadline, headers, payload[^reader.Rest.Length..]);
    }

    /// <summary>Whether a call may begin: before its handler does, which could not be called back.</summary>
    private bool HasRoomFor(uint id)
    {
        lock (_lock)
        {
            if (_calls.ContainsKey(id))
            {
                throw new ProtocolException("it opened a call under the id of another that is under way");
            }
            if (Calls < Runtime.Options.MaxCallsPerConnection)
            {
                return true;
            }
        }
        RefuseFull(id);
        return false;
    }

    private void RefuseFull(uint call) => Refuse(call, new Status(
        StatusCode.ResourceExhausted, $"At most {Runtime.Options.MaxCallsPerConnection:N0} calls are taken at once over one connection. Try again in a moment."));

    private void Refuse(uint call, Status status)
    {
        using var payload = new OutputBuffer(256);
        StatusFormat.Write(payload, status, null);
        Send(FrameKind.Status, FrameFlags.None, call, payload.Written);
    }
}
