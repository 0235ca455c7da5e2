namespace Twite.Contracts;

public sealed partial class RefusedEvent
{
    // As much of a reason as fits into a call, whatever it is written in.
    private const int MaxReason = 300;

    /// <summary>Says that an event was given up.</summary>
    /// <param name="eventId">Which one, as its sender calls it.</param>
    /// <param name="reason">Why; what does not fit into a call is cut off.</param>
    public static RefusedEvent Of(string eventId, string reason) => new() { EventId = eventId, Reason = reason.Length > MaxReason ? reason[..MaxReason] : reason };
}
