namespace Twite.Storage;

/// <summary>Recognises events of others that come again. Forgets them by age, a few at a time. Used by the writer thread only.</summary>
internal sealed class HandledEvents(StorageConnection connection, TimeSpan kept, TimeProvider time)
{
    private const int ForgottenAtOnce = 500;
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private DateTimeOffset _forgetAt;

    public bool TryAdd(string eventId)
    {
        var now = time.GetUtcNow();
        if (now >= _forgetAt)
        {
            Forget(now);
        }
        return connection.Run("INSERT INTO handled_events (id, handled_at) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
            eventId, now.ToUnixTimeMilliseconds()) > 0;
    }

    private void Forget(DateTimeOffset now)
    {
        var forgotten = connection.Run(
            "DELETE FROM handled_events WHERE id IN (SELECT id FROM handled_events WHERE handled_at < ?1 ORDER BY handled_at LIMIT ?2)",
            (now - kept).ToUnixTimeMilliseconds(), ForgottenAtOnce);
        _forgetAt = forgotten < ForgottenAtOnce ? now + Interval : now;
    }
}
