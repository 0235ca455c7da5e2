namespace Anywire.RabbitMq;

/// <summary>What an event's message says besides what it said when it was sent.</summary>
internal static class EventHeaders
{
    /// <summary>Why it was given up, in people's words.</summary>
    public const string Reason = "anywire-reason";

    /// <summary>How often it had been delivered in vain before it was put behind the others: the broker counts from 0 again.</summary>
    public const string Deliveries = "anywire-deliveries";
}
