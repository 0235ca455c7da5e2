namespace Anywire.RabbitMq;

/// <summary>What a dead letter says besides what it said when it lived.</summary>
internal static class DeadLetterHeaders
{
    /// <summary>Why it was given up, in people's words.</summary>
    public const string Reason = "anywire-reason";
}
