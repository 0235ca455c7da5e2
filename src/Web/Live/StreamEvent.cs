using Twite.Contracts;

namespace Twite.Web.Live;

/// <summary>Something a live stream shows. Immutable; the contract messages in it are shared by all streams: do not change them.</summary>
public abstract record StreamEvent
{
    private StreamEvent()
    {
    }

    /// <summary>The id of the change, which is also the stream's mark once it was shown: nothing below it is owed any more.
    /// 0 for what is no change of the messages.</summary>
    public abstract long Id { get; }

    /// <summary>A message was posted.</summary>
    /// <param name="Message">The message; its id is the change's.</param>
    public sealed record Posted(Message Message) : StreamEvent
    {
        /// <inheritdoc/>
        public override long Id => Message.Id;
    }

    /// <summary>A message was deleted. The stream may never have shown it.</summary>
    /// <param name="ChangeId">The deletion's own id.</param>
    /// <param name="MessageId">What was deleted.</param>
    /// <param name="AuthorId">Whose it was.</param>
    public sealed record Deleted(long ChangeId, long MessageId, long AuthorId) : StreamEvent
    {
        /// <inheritdoc/>
        public override long Id => ChangeId;
    }

    /// <summary>Something new is on a person's list of notifications. Shown on home streams only, at most once, and lost when the
    /// update was: the list has it anyway.</summary>
    /// <param name="AccountId">Whose list.</param>
    /// <param name="Notification">What it is.</param>
    public sealed record Notified(long AccountId, Notification Notification) : StreamEvent
    {
        /// <inheritdoc/>
        public override long Id => 0;
    }

    /// <summary>More was missed than a stream carries, and passed over: the timelines have it. The stream goes on after it.</summary>
    /// <param name="UpToId">The last change that was passed over.</param>
    public sealed record Skipped(long UpToId) : StreamEvent
    {
        /// <inheritdoc/>
        public override long Id => UpToId;
    }

    internal static StreamEvent Of(Change change) => change.WhatCase == Change.WhatOneofCase.Posted
        ? new Posted(change.Posted)
        : new Deleted(change.Id, change.Deleted.MessageId, change.Deleted.AuthorId);
}
