using Twite.Storage;

namespace Twite.Messages;

/// <summary>Loads the recent messages when the service opens: the newest so many, however many there are.</summary>
internal static class RecentRows
{
    public static RecentMessages Load(StorageConnection connection, int capacity)
    {
        var newest = new List<(long, long)>();
        using var reader = connection.Statement("SELECT id, author_id FROM messages ORDER BY id DESC LIMIT ?1", capacity).ExecuteReader();
        while (reader.Read())
        {
            newest.Add((reader.GetInt64(0), reader.GetInt64(1)));
        }
        return new RecentMessages(newest, connection.LastChangeId(), capacity);
    }
}
