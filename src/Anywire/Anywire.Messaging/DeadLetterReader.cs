using Anywire.Messaging.Format;

namespace Anywire.Messaging;

/// <summary>Tells an operator what a dead letter says of itself, whatever it is.</summary>
internal static class DeadLetterReader
{
    public static KeptDeadLetter Read(string id, ReadOnlyMemory<byte> message, string reason, DateTimeOffset? at)
    {
        try
        {
            var reader = new MessageReader(message);
            var head = RequestHead.Read(reader);
            return new KeptDeadLetter(id, reader.Sender, head.Method, head.Metadata?.GetValue(EventMetadata.IdKey) ?? "", reason, at, message);
        }
        catch (RefusedMessageException)
        {
            return new KeptDeadLetter(id, "", "", "", reason, at, message);
        }
    }
}
