using Twite.Storage;

namespace Twite.Messages;

/// <summary>Loads the recent messages when the service opens: the newest so many, however many there are.</summary>
internal static class RecentRows
{
    public static RecentMessages Load(StorageConnection connection, int capacity, bool isShared) => new(
        connection.List(row => (row.GetInt64(0), row.GetInt64(1)), "SELECT id, author_id FROM messages ORDER BY id DESC LIMIT ?1", capacity),
        connection.LastChangeId(), capacity, isShared);
}
