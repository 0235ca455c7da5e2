using System.Buffers;
using Anywire.Udp.Format;
using Grpc.Core;

namespace Anywire.Udp.Client;

/// <summary>A call that waits for its end, as its session sees it.</summary>
internal abstract class PendingCall
{
    private byte[] _message = [];
    private int _messageBytes;
    private volatile bool _wasAsked;
    private bool _isShared;

    /// <summary>What no other call of the session has.</summary>
    public ulong Id { get; set; }

    /// <summary>Whether a session knows it; the session sets it.</summary>
    public bool IsPending { get; set; }

    /// <summary>Its request as it goes out, with whatever time is left.</summary>
    public Memory<byte> Message => _message.AsMemory(0, _messageBytes);

    /// <summary>When it is asked again, as a timestamp.</summary>
    public long DueAt { get; set; }

    /// <summary>When its caller gives up, as a timestamp; <see cref="long.MaxValue"/>: never.</summary>
    public long DeadlineAt { get; protected set; } = long.MaxValue;

    /// <summary>How long to wait before it is asked once more.</summary>
    public TimeSpan Wait { get; set; }

    /// <summary>Whether the time left travels with it.</summary>
    public bool Expires { get; protected set; }

    /// <summary>Whoever began the call does not look at its message any more.</summary>
    public void WasAsked() => _wasAsked = true;

    /// <summary>Somebody else looks at the message too, to ask once more. Under the lock of the session's calls, as is whoever takes the call from them.</summary>
    public void Share() => _isShared = true;

    /// <summary>It has ended well, with an empty reply. Called by the thread that receives, which goes on as the caller's.</summary>
    public abstract void TakeHandled();

    /// <summary>It has ended. Called by the thread that receives, which goes on as the caller's.</summary>
    /// <exception cref="MalformedMessageException">That cannot be read; the call has failed.</exception>
    public abstract void TakeEnd(MessageReader end);

    /// <summary>Its handler has sent headers.</summary>
    public abstract void TakeHeaders(Metadata headers);

    /// <summary>Ends it; the first end counts. Whoever waits goes on by the pool.</summary>
    public abstract void Fail(Status status, Metadata? trailers = null);

    /// <summary>Holds a copy of the message, in an array that is lent.</summary>
    protected void Hold(ReadOnlySpan<byte> message)
    {
        _message = ArrayPool<byte>.Shared.Rent(message.Length);
        _messageBytes = message.Length;
        message.CopyTo(_message);
    }

    /// <summary>The message is about to be another attempt's: the last one's may be looked at this moment, to be sent once more.</summary>
    protected void HoldAnother() => (_message, _isShared) = (Message.ToArray(), true);

    /// <summary>Gives the message's array back, where surely nobody looks at it. To be called once, by whoever has taken the call from its session.</summary>
    protected void Release()
    {
        if (_wasAsked && !_isShared)
        {
            ArrayPool<byte>.Shared.Return(_message);
        }
    }
}
