namespace Anywire.Messaging.Format;

/// <summary>A message that nobody may act on.</summary>
/// <param name="reason">One word, for counting: <c>malformed</c>, <c>forged</c>, <c>misdirected</c>, <c>replayed</c>.</param>
/// <param name="message">The sentence for people.</param>
internal class RefusedMessageException(string reason, string message) : Exception(message)
{
    /// <summary>One word, for counting.</summary>
    public string Reason => reason;
}

/// <summary>A message is not of the form that the README states.</summary>
internal sealed class MalformedMessageException(string message) : RefusedMessageException("malformed", message);
