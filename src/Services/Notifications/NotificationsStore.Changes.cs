using Twite.Contracts;
using Twite.Storage;

namespace Twite.Notifications;

internal sealed partial class NotificationsStore
{
    /// <summary>The most rows that are removed in one piece of work: other writers wait for it.</summary>
    private const int RemovedAtOnce = 500;

    // As long as storage remembers the ids of handled events: what comes later is not recognised either.
    private static readonly TimeSpan DeletionsKept = TimeSpan.FromDays(7);

    private readonly ListLengths _lengths = new(options);

    /// <summary>Marks somebody's list as read up to and with an entry; never back.</summary>
    public Task MarkReadAsync(long accountId, long upToId, CancellationToken cancellationToken) => database.WriteAsync(
        write => write.Connection.Run("""
            INSERT INTO read_marks (account_id, up_to_id)
            SELECT ?1, CASE WHEN max(id) < ?2 THEN max(id) ELSE ?2 END FROM notifications WHERE account_id = ?1 HAVING max(id) IS NOT NULL
            ON CONFLICT (account_id) DO UPDATE SET up_to_id = excluded.up_to_id WHERE read_marks.up_to_id < excluded.up_to_id
            """, accountId, upToId),
        cancellationToken);

    /// <summary>Puts a message on the lists of those it mentions, unless that was done, or the message or one of the people is gone.</summary>
    /// <returns>The new entries that their owners are to be told of at once.</returns>
    public Task<IReadOnlyList<LiveNotification>> AddMentionsAsync(
        string eventId, Message message, IEnumerable<long> mentioned, CancellationToken cancellationToken) => database.WriteAsync<IReadOnlyList<LiveNotification>>(
        write =>
        {
            var author = StateOf(write.Connection, message.AuthorId);
            if (!write.TryBegin(eventId) || author == AccountState.Deleted || IsDeleted(write.Connection, message.Id))
            {
                return [];
            }
            // An event may come again after its id was forgotten.
            var told = write.Connection.List(
                row => row.GetInt64(0), "SELECT account_id FROM notifications WHERE message_id = ?1 AND message_id <> 0", message.Id).ToHashSet();
            var added = mentioned.Where(id => !told.Contains(id) && StateOf(write.Connection, id) != AccountState.Deleted)
                .Select(id => Insert(write, id, NotificationType.Mention, message.AuthorId, message.Id)).ToList();
            return author == AccountState.Active ? added : [];
        },
        cancellationToken);

    /// <summary>Puts a new follower on somebody's list: at most once, so that following again after unfollowing moves the entry up when it
    /// was read and does nothing when it was not.</summary>
    /// <returns>The new entry, when there is one its owner is to be told of at once.</returns>
    public Task<LiveNotification?> AddFollowAsync(string eventId, long followerId, long followeeId, CancellationToken cancellationToken) => database.WriteAsync(
        write =>
        {
            var follower = StateOf(write.Connection, followerId);
            if (!write.TryBegin(eventId) || follower == AccountState.Deleted || StateOf(write.Connection, followeeId) == AccountState.Deleted)
            {
                return null;
            }
            var before = write.Connection.FindInt64(
                "SELECT max(id) FROM notifications WHERE actor_id = ?1 AND account_id = ?2 AND type = ?3", followerId, followeeId, (long)NotificationType.Follow);
            if (before > ReadUpTo(write.Connection, followeeId))
            {
                return null;
            }
            write.Connection.Send("DELETE FROM notifications WHERE id = ?1", before ?? 0);
            var added = Insert(write, followeeId, NotificationType.Follow, followerId, messageId: 0);
            return follower == AccountState.Active ? added : null;
        },
        cancellationToken);

    /// <summary>Takes a message off all lists and remembers it, for the news of its posting may come later. Doing it again changes nothing.</summary>
    public Task RemoveMessageAsync(long messageId, CancellationToken cancellationToken) => database.WriteAsync(
        write =>
        {
            write.Connection.Send("DELETE FROM notifications WHERE message_id = ?1 AND message_id <> 0", messageId);
            write.Connection.Send(
                "INSERT INTO deleted_messages (message_id, deleted_at) VALUES (?1, ?2) ON CONFLICT DO NOTHING", messageId, write.Now.ToUnixTimeMilliseconds());
            write.Connection.Send("DELETE FROM deleted_messages WHERE deleted_at < ?1", (write.Now - DeletionsKept).ToUnixTimeMilliseconds());
        },
        cancellationToken);

    /// <summary>Keeps what Accounts told of an account, unless something later is known already. Once deleted it stays deleted.</summary>
    public Task SetStateAsync(long accountId, AccountState state, DateTimeOffset changedAt, CancellationToken cancellationToken) => database.WriteAsync(
        write => write.Connection.Run("""
            INSERT INTO closed_accounts (account_id, state, changed_at) VALUES (?1, ?2, ?3)
            ON CONFLICT (account_id) DO UPDATE SET state = excluded.state, changed_at = excluded.changed_at
            WHERE closed_accounts.state <> ?4 AND (excluded.changed_at > closed_accounts.changed_at OR excluded.state = ?4)
            """, accountId, (long)state, changedAt.ToUnixTimeMilliseconds(), (long)AccountState.Deleted),
        cancellationToken);

    /// <summary>Removes some of a deleted account's rows: its own list, and itself from others'.</summary>
    /// <returns>Whether there may be more.</returns>
    public Task<bool> RemoveAccountAsync(long accountId, CancellationToken cancellationToken) => database.WriteAsync(
        write =>
        {
            write.Connection.Send("DELETE FROM read_marks WHERE account_id = ?1", accountId);
            var removed = write.Connection.Run("""
                DELETE FROM notifications WHERE id IN (SELECT id FROM notifications WHERE account_id = ?1 LIMIT ?2)
                """, accountId, RemovedAtOnce);
            var mentioned = write.Connection.Run("""
                DELETE FROM notifications WHERE id IN (SELECT id FROM notifications WHERE actor_id = ?1 LIMIT ?2)
                """, accountId, RemovedAtOnce);
            return removed == RemovedAtOnce || mentioned == RemovedAtOnce;
        },
        cancellationToken);

    private LiveNotification Insert(WriteSession write, long accountId, NotificationType type, long actorId, long messageId)
    {
        var row = new Row(write.NextId().Id, (long)type, actorId, messageId, write.Now.ToUnixTimeMilliseconds());
        write.Connection.Send(
            "INSERT INTO notifications (id, account_id, type, actor_id, message_id, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            row.Id, accountId, row.Type, row.ActorId, row.MessageId, row.CreatedAt);
        _lengths.Added(write, accountId, actorId);
        return new LiveNotification { AccountId = accountId, Notification = row.ToNotification(readUpTo: 0) };
    }

    private static bool IsDeleted(StorageConnection connection, long messageId) =>
        connection.FindInt64("SELECT 1 FROM deleted_messages WHERE message_id = ?1", messageId) is not null;

    private static AccountState StateOf(StorageConnection connection, long accountId) =>
        (AccountState)(connection.FindInt64("SELECT state FROM closed_accounts WHERE account_id = ?1", accountId) ?? (long)AccountState.Active);
}
