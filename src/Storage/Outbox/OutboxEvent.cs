using System.Diagnostics;

namespace Twite.Storage;

/// <summary>An event on its way to another service. Immutable.</summary>
/// <param name="Row">Its row in the outbox; never used again for another.</param>
/// <param name="Id">Unique for ever and the same each time it is sent: the sender's name, a hyphen, and the row.</param>
/// <param name="Receiver">The receiver's name in the topology.</param>
/// <param name="Type">What the sender tells its events apart by.</param>
/// <param name="Body">The serialized event, as it was enqueued.</param>
/// <param name="OccurredAt">When it was enqueued.</param>
/// <param name="Attempts">How often it has failed so far.</param>
/// <param name="Trace">The trace it belongs to: the one that the write's caller was in.</param>
public sealed record OutboxEvent(
    long Row, string Id, string Receiver, string Type, ReadOnlyMemory<byte> Body, DateTimeOffset OccurredAt, int Attempts, ActivityContext Trace)
{
    internal DateTimeOffset ClaimedUntil { get; init; }
}

/// <summary>An event that was refused for good and waits for an operator.</summary>
/// <param name="Id">The event's id.</param>
/// <param name="Receiver">Who refused it.</param>
/// <param name="Type">Its type.</param>
/// <param name="OccurredAt">When it happened.</param>
/// <param name="ParkedAt">When it was given up.</param>
/// <param name="Attempts">How often it was tried.</param>
/// <param name="Reason">What the receiver said.</param>
public sealed record ParkedEvent(
    string Id, string Receiver, string Type, DateTimeOffset OccurredAt, DateTimeOffset ParkedAt, int Attempts, string Reason);

/// <summary>How a hand-over ended.</summary>
public readonly record struct HandOver
{
    private HandOver(HandOverResult result, string reason)
    {
        Result = result;
        Reason = reason;
    }

    /// <summary>The receiver has handled it: the outbox lets go of it.</summary>
    public static HandOver Handled { get; } = new(HandOverResult.Handled, "");

    /// <summary>A broker has it: it is kept until the receiver confirms it, and sent again when that takes too long.</summary>
    public static HandOver Accepted { get; } = new(HandOverResult.Accepted, "");

    /// <summary>What happened.</summary>
    public HandOverResult Result { get; }

    /// <summary>Why it failed; empty when it did not.</summary>
    public string Reason { get; }

    /// <summary>The receiver cannot be reached or is overloaded: all its events wait, with growing pauses.</summary>
    public static HandOver Away(string reason) => new(HandOverResult.Away, reason);

    /// <summary>This event failed, others may not: it is tried again, with growing pauses.</summary>
    public static HandOver Failed(string reason) => new(HandOverResult.Failed, reason);

    /// <summary>The receiver will never take it: after a few tries it is parked.</summary>
    public static HandOver Refused(string reason) => new(HandOverResult.Refused, reason);
}

/// <summary>The kinds of <see cref="HandOver"/>.</summary>
public enum HandOverResult
{
    /// <summary>Done with.</summary>
    Handled,

    /// <summary>In a broker's hands.</summary>
    Accepted,

    /// <summary>Nobody there.</summary>
    Away,

    /// <summary>Did not work this time.</summary>
    Failed,

    /// <summary>Will never work.</summary>
    Refused,
}
