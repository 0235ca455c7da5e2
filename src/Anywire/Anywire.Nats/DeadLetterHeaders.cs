namespace Anywire.Nats;

/// <summary>What a dead letter says besides what it said when it lived.</summary>
internal static class DeadLetterHeaders
{
    /// <summary>Why it was given up, in people's words: percent-encoded (RFC 3986), since a header is one line of ASCII.</summary>
    public const string Reason = "Anywire-Reason";
}
