namespace Anywire.Nats;

/// <summary>What an event's message says besides what it said when it was sent.</summary>
internal static class EventHeaders
{
    /// <summary>The event's id, by which JetStream knows one that is sent again.</summary>
    public const string Id = "Nats-Msg-Id";

    /// <summary>Why it was given up, in people's words: percent-encoded (RFC 3986), since a header is one line of ASCII.</summary>
    public const string Reason = "Anywire-Reason";

    /// <summary>How often it had been delivered in vain before it was put behind the others: the broker counts from 0 again.</summary>
    public const string Deliveries = "Anywire-Deliveries";
}
