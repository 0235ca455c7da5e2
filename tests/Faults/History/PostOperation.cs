namespace Twite.Faults.History;

/// <summary>How a post ended for whoever asked for it.</summary>
internal enum Outcome
{
    /// <summary>Nobody knows: no answer came, or one that leaves it open. It may have been stored once, or not at all.</summary>
    Unknown,

    /// <summary>Acknowledged: it is stored.</summary>
    Acknowledged,

    /// <summary>Refused for good: it is not stored.</summary>
    Refused,
}

/// <summary>One post that a client asked for, however often it tried.</summary>
/// <param name="Author">Who.</param>
/// <param name="Key">The idempotency key, the same for every try; unique in a history.</param>
/// <param name="Text">What; unique in a history.</param>
/// <param name="Invoked">When it was first asked for: a number that only grows.</param>
/// <param name="Ended">When its client stopped trying.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="Ids">Every id that any try was acknowledged with.</param>
/// <param name="Tries">How often it was asked for.</param>
internal sealed record PostOperation(
    string Author, string Key, string Text, long Invoked, long Ended, Outcome Outcome, IReadOnlyList<long> Ids, int Tries);

/// <summary>A message as somebody saw it.</summary>
internal sealed record SeenMessage(long Id, string Author, string Text);

/// <summary>A read of messages, newest first.</summary>
/// <param name="Author">Whose messages were read; null: everybody's.</param>
/// <param name="Invoked">When it was asked for.</param>
/// <param name="Messages">What came, in the order it came.</param>
/// <param name="After">Only ids above this one were asked for or fitted; 0: all there are.</param>
internal sealed record ReadOperation(string? Author, long Invoked, IReadOnlyList<SeenMessage> Messages, long After);

/// <summary>What one live stream showed, in the order it came, over all its reconnections.</summary>
/// <param name="Messages">What was shown.</param>
/// <param name="Complete">The stream was followed from before the first post until it had caught up with the last.</param>
internal sealed record ScreenOperation(IReadOnlyList<SeenMessage> Messages, bool Complete);

/// <summary>Everything that clients did and saw.</summary>
internal sealed record RecordedHistory(
    IReadOnlyList<PostOperation> Posts, IReadOnlyList<ReadOperation> Reads, ReadOperation? Final, IReadOnlyList<ScreenOperation> Screens);
