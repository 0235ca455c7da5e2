using Twite.Contracts;
using Twite.Storage;

namespace Twite.Messages;

/// <summary>Brings what is in memory up to what a transaction sees, where replicas write too: what was acknowledged by any of them is in the next
/// reading at each. Any thread may use it.</summary>
internal sealed class CatchUp(bool isShared, RecentMessages recent, HiddenAuthors hidden)
{
    /// <summary>To be asked first of all within a reading.</summary>
    /// <returns>The last change that is in memory and that the transaction sees.</returns>
    public long Run(StorageConnection connection)
    {
        if (!isShared)
        {
            // What the memory knows was committed before, and the transaction begins with its first question.
            return recent.UpTo;
        }
        var last = connection.LastChangeId();
        if (last > recent.UpTo)
        {
            recent.CatchUp(last, upTo => Read(connection, upTo));
        }
        return Math.Max(last, 1);
    }

    private MissedChanges Read(StorageConnection connection, long upTo)
    {
        var authors = connection.List(
            row => (Id: row.GetInt64(0), State: (AccountState)row.GetInt64(1)),
            "SELECT id, state FROM authors WHERE changed_in > ?1 AND changed_in <> 0", upTo);
        authors.ForEach(author => hidden.Set(author.Id, author.State));
        return new MissedChanges(
            connection.List(row => (row.GetInt64(0), row.GetInt64(1)), "SELECT id, author_id FROM messages WHERE id > ?1 ORDER BY id", upTo),
            connection.List(row => (row.GetInt64(0), row.GetInt64(1)), "SELECT message_id, author_id FROM deletions WHERE change_id > ?1", upTo),
            [.. authors.Where(a => a.State == AccountState.Deleted).Select(a => a.Id)]);
    }
}

/// <summary>What other replicas did after a change. Immutable.</summary>
/// <param name="Posted">The messages that are still there, ascending.</param>
/// <param name="Deleted">The messages that are gone.</param>
/// <param name="Removed">The authors who are gone for good.</param>
internal sealed record MissedChanges(
    IReadOnlyList<(long Id, long AuthorId)> Posted, IReadOnlyList<(long Id, long AuthorId)> Deleted, IReadOnlyList<long> Removed);
