using Google.Protobuf.WellKnownTypes;
using Twite.Contracts;
using Twite.Storage;

namespace Twite.Notifications;

/// <summary>People's lists as they are stored: what can be asked. Changes are in the other part.</summary>
internal sealed partial class NotificationsStore(Database database, NotificationsOptions options)
{
    /// <summary>Unread ones are counted up to here.</summary>
    public const int MaxCounted = 1_000;

    // Each steps over what is hidden, one by one: lists are kept short enough for that.
    private const string ListNewestSql = """
        SELECT id, type, actor_id, message_id, created_at FROM notifications
        WHERE account_id = ?1 AND id > ?2 AND id < ?3
          AND NOT EXISTS (SELECT 1 FROM closed_accounts c WHERE c.account_id = actor_id AND c.state <> 1)
        ORDER BY id DESC LIMIT ?4
        """;

    private const string ListOldestSql = """
        SELECT id, type, actor_id, message_id, created_at FROM notifications
        WHERE account_id = ?1 AND id > ?2 AND id < ?3
          AND NOT EXISTS (SELECT 1 FROM closed_accounts c WHERE c.account_id = actor_id AND c.state <> 1)
        ORDER BY id LIMIT ?4
        """;

    private const string CountUnreadSql = """
        SELECT count(*) FROM (SELECT 1 FROM notifications
          WHERE account_id = ?1 AND id > ?2
            AND NOT EXISTS (SELECT 1 FROM closed_accounts c WHERE c.account_id = actor_id AND c.state <> 1)
          LIMIT ?3) AS unread
        """;

    /// <summary>A page of somebody's list, newest first, and how many are unread, from one state of the database. What suspended people did is
    /// left out.</summary>
    /// <param name="accountId">Whose list.</param>
    /// <param name="above">Only ids above this one.</param>
    /// <param name="below">Only ids below this one.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="fromOldest">The oldest of them rather than the newest.</param>
    public ListNotificationsReply List(long accountId, long above, long below, int limit, bool fromOldest) => database.Read(connection =>
    {
        var readUpTo = ReadUpTo(connection, accountId);
        var rows = connection.List(
            row => new Row(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4)),
            fromOldest ? ListOldestSql : ListNewestSql, accountId, above, below, limit);
        if (fromOldest)
        {
            rows.Reverse();
        }
        return new ListNotificationsReply
        {
            Notifications = { rows.Select(row => row.ToNotification(readUpTo)) },
            Unread = (int)connection.FindInt64(CountUnreadSql, accountId, readUpTo, MaxCounted)!.Value,
        };
    });

    private static long ReadUpTo(StorageConnection connection, long accountId) =>
        connection.FindInt64("SELECT up_to_id FROM read_marks WHERE account_id = ?1", accountId) ?? 0;

    private sealed record Row(long Id, long Type, long ActorId, long MessageId, long CreatedAt)
    {
        public Notification ToNotification(long readUpTo) => new()
        {
            Id = Id,
            Type = (NotificationType)Type,
            AccountId = ActorId,
            MessageId = MessageId,
            CreatedAt = Timestamp.FromDateTimeOffset(DateTimeOffset.FromUnixTimeMilliseconds(CreatedAt)),
            Read = Id <= readUpTo,
        };
    }
}
