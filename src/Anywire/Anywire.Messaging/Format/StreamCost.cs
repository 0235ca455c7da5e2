namespace Anywire.Messaging.Format;

/// <summary>What a message of a stream takes of the credit, on both sides.</summary>
internal static class StreamCost
{
    /// <summary>Besides its bytes, so that a flood of empty ones is bounded too.</summary>
    public const int PerItem = 64;
}
