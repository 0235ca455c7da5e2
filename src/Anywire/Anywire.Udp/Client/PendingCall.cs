using Anywire.Udp.Format;
using Grpc.Core;

namespace Anywire.Udp.Client;

/// <summary>A call that waits for its end, as its session sees it.</summary>
internal abstract class PendingCall
{
    /// <summary>What no other call of the session has.</summary>
    public ulong Id { get; set; }

    /// <summary>Whether a session knows it; the session sets it.</summary>
    public bool IsPending { get; set; }

    /// <summary>Its request as it goes out, with whatever time is left.</summary>
    public byte[] Message { get; protected set; } = [];

    /// <summary>When it is asked again, as a timestamp.</summary>
    public long DueAt { get; set; }

    /// <summary>When its caller gives up, as a timestamp; <see cref="long.MaxValue"/>: never.</summary>
    public long DeadlineAt { get; protected set; } = long.MaxValue;

    /// <summary>How long to wait before it is asked once more.</summary>
    public TimeSpan Wait { get; set; }

    /// <summary>Whether the time left travels with it.</summary>
    public bool Expires { get; protected set; }

    /// <summary>It has ended well, with an empty reply. Called by the thread that receives, which goes on as the caller's.</summary>
    public abstract void TakeHandled();

    /// <summary>It has ended. Called by the thread that receives, which goes on as the caller's.</summary>
    /// <exception cref="MalformedMessageException">That cannot be read; the call has failed.</exception>
    public abstract void TakeEnd(MessageReader end);

    /// <summary>Its handler has sent headers.</summary>
    public abstract void TakeHeaders(Metadata headers);

    /// <summary>Ends it; the first end counts. Whoever waits goes on by the pool.</summary>
    public abstract void Fail(Status status, Metadata? trailers = null);
}
