namespace Anywire;

/// <summary>What the sender of an at-least-once call may say in its metadata.</summary>
public static class EventMetadata
{
    /// <summary>The key of the event's id: unique among all events of the sender, and the same each time the event is sent. At most 64 characters of ASCII.</summary>
    public const string IdKey = "anywire-event-id";
}
