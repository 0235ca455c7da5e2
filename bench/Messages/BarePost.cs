using Twite.Storage;

namespace Twite.Bench.Messages;

/// <summary>The floor of a post: one FULL transaction that writes the same rows on a connection of its own, nothing around it.</summary>
internal sealed class BarePost(StorageConnection connection)
{
    private long _id = ChangeId.FloorAt(TimeProvider.System.GetUtcNow());

    public void Post(string text, byte[] body)
    {
        var key = Guid.NewGuid().ToString();
        connection.Run("BEGIN IMMEDIATE");
        connection.FindInt64("SELECT last_change FROM ids");
        connection.FindInt64("SELECT message_id FROM idempotency_keys WHERE author_id = ?1 AND key = ?2", 1L, key);
        _id++;
        connection.Run("INSERT INTO messages (id, author_id, author_name, text) VALUES (?1, ?2, ?3, ?4)", _id, 1L, "ann", text);
        connection.Run("INSERT INTO idempotency_keys (message_id, author_id, key) VALUES (?1, ?2, ?3)", _id, 1L, key);
        connection.Run("INSERT INTO authors (id, messages) VALUES (?1, 1) ON CONFLICT (id) DO UPDATE SET messages = messages + 1", 1L);
        connection.Run("INSERT INTO outbox (id, receiver, type, body, occurred_at, due_at) VALUES (?1, 'notifications', 'MessagePosted', ?2, 0, 0)", _id, body);
        connection.Run("INSERT INTO messages_search (rowid, text, tags, author) VALUES (?1, ?2, '', 'ann')", _id, text);
        connection.Run("UPDATE ids SET last_change = ?1, last_event = ?1", _id);
        connection.Run("COMMIT");
    }
}
