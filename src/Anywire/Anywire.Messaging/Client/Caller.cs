using System.Collections.Concurrent;
using Anywire.Messaging.Format;
using Anywire.Messaging.Sealing;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Anywire.Messaging.Client;

/// <summary>The calls of one client: gives them numbers, and brings what comes to the call that it is for. Any thread may use it.</summary>
#pragma warning disable CA1001 // Without a timer a source has nothing to dispose of, and calls that end late still look at it.
internal sealed class Caller : ILinkListener, IAsyncDisposable
#pragma warning restore CA1001
{
    // More would only wait in memory: the broker, or whoever handles them, does not keep up.
    private const int MostPending = 16_384;

    private readonly ConcurrentDictionary<ulong, PendingCall> _pending = new();
    private readonly CancellationTokenSource _closed = new();
    private readonly Seals? _seals;
    private readonly RefusedMessages _refused;
    private int _count;
    private long _last;

    public Caller(TransportClientOptions options, string wire, Func<ILinkListener, IClientLink> connect)
    {
        (Options, Wire) = (options, wire);
        _seals = Seals.Of(options.Credentials, options.Endpoints[0]);
        _refused = new RefusedMessages(wire, options.Caller, options.Loggers.CreateLogger<Caller>());
        Link = connect(this);
        Closed = _closed.Token;
    }

    public TransportClientOptions Options { get; }

    public ulong Instance { get; } = CallId.NewInstance();

    /// <summary>The transport's name.</summary>
    public string Wire { get; }

    public IClientLink Link { get; }

    /// <summary>Where whoever waits for a call goes on.</summary>
    public Turns Turns { get; } = new();

    /// <summary>Cancelled when the client is closed.</summary>
    public CancellationToken Closed { get; }

    public CallId NextId() => new(Instance, (ulong)Interlocked.Increment(ref _last));

    /// <exception cref="RpcException">RESOURCE_EXHAUSTED: too many wait already.</exception>
    public void Add(PendingCall call)
    {
        if (Interlocked.Increment(ref _count) > MostPending)
        {
            Interlocked.Decrement(ref _count);
            throw new RpcException(new Status(
                StatusCode.ResourceExhausted, $"{MostPending:N0} calls to {Options.Service} wait for their answers, and no more may. Try again in a moment."));
        }
        _pending[call.Id.Number] = call;
    }

    public void Remove(PendingCall call)
    {
        if (_pending.TryRemove(call.Id.Number, out _))
        {
            Interlocked.Decrement(ref _count);
        }
    }

    public MessageWriter Begin(MessageKind kind, CallId call) =>
        new(kind, call, Options.Caller, Options.Service, _seals?.For(Options.Caller, Options.Service));

    public void Receive(ReadOnlyMemory<byte> message)
    {
        PendingCall? call = null;
        // What somebody else has made must not end a call.
        var isProved = false;
        try
        {
            var reader = new MessageReader(message);
            if (reader.Call.Instance != Instance || !_pending.TryGetValue(reader.Call.Number, out call))
            {
                // Its caller has gone: the deadline passed, or it was cancelled.
                return;
            }
            reader.Open(Options.Caller, _seals);
            if (reader.Sender != Options.Service)
            {
                throw new RefusedMessageException("misdirected", $"It is an answer of {reader.Sender} to a call of {Options.Service}.");
            }
            isProved = true;
            call.Receive(reader);
        }
        catch (RefusedMessageException refused)
        {
            _refused.Count(refused);
            if (isProved && refused is MalformedMessageException)
            {
                call?.Fail(Unreadable());
            }
        }
        catch (Exception unexpected)
        {
            _refused.Count(unexpected);
            if (isProved)
            {
                call?.Fail(Unreadable());
            }
        }
    }

    public void NobodyListens(CallId call)
    {
        if (call.Instance == Instance && _pending.TryGetValue(call.Number, out var pending))
        {
            var nobody = Unreachable.Nobody(Options);
            pending.Fail(nobody.Status, nobody.Trailers);
        }
    }

    public void Lost(string reason)
    {
        foreach (var call in _pending.Values)
        {
            call.Fail(new Status(StatusCode.Unavailable, $"The broker went away before {Options.Service} had answered: {reason}."));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _closed.CancelAsync();
        await Link.DisposeAsync();
    }

    private Status Unreadable() => new(StatusCode.Internal, $"An answer of {Options.Service} cannot be read.");
}
