using System.Diagnostics;
using System.Data.Common;

namespace Twite.Storage;

/// <summary>The questions that are asked of the outbox.</summary>
internal static class OutboxQueries
{
    /// <summary>Each receiver that has events, and when the first and the last of them are due; on a server the last of those that no relay has claimed. Goes
    /// from receiver to receiver on the index, however many events each has.</summary>
    public static List<(string Receiver, DateTimeOffset FirstAt, DateTimeOffset LastAt)> Due(StorageConnection connection)
    {
        using var reader = connection.Query($"""
            WITH RECURSIVE receivers (name) AS (
              SELECT min(receiver) FROM outbox
              UNION ALL
              SELECT (SELECT min(receiver) FROM outbox WHERE receiver > name) FROM receivers WHERE name IS NOT NULL)
            SELECT name, (SELECT min(due_at) FROM outbox WHERE receiver = name),
              COALESCE((SELECT max(due_at) FROM outbox WHERE receiver = name AND due_at < ?1 {NotAnothers(connection)}), 0)
            FROM receivers WHERE name IS NOT NULL
            """, long.MaxValue);
        var receivers = new List<(string, DateTimeOffset, DateTimeOffset)>();
        while (reader.Read())
        {
            // Parked events are due at the end of time, which no calendar has.
            if (reader.GetInt64(1) < long.MaxValue)
            {
                receivers.Add((reader.GetString(0), DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(1)), DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(2))));
            }
        }
        return receivers;
    }

    /// <summary>Makes due now what is due later than anything could be, but for what is parked; on a server, but for what a relay has claimed too.</summary>
    public static void Recall(StorageConnection connection, string receiver, DateTimeOffset now, DateTimeOffset furthest) => connection.Send(
        $"UPDATE outbox SET due_at = ?3 WHERE receiver = ?1 AND due_at > ?2 AND due_at < ?4 {NotAnothers(connection)}",
        receiver, furthest.ToUnixTimeMilliseconds(), now.ToUnixTimeMilliseconds(), long.MaxValue);

    /// <summary>Claims the events that are due, the longest due first. On a server, those that another relay is at are passed over.</summary>
    public static List<OutboxEvent> Claim(
        StorageConnection connection, string sender, string receiver, string claim, DateTimeOffset now, DateTimeOffset until, int limit)
    {
        var claimed = connection.List(
            row => Map(row, sender, receiver) with { ClaimedUntil = until },
            connection.Pick(
                sqlite: """
                    UPDATE outbox SET claim = ?1, due_at = ?2
                    WHERE id IN (SELECT id FROM outbox WHERE receiver = ?3 AND due_at <= ?4 ORDER BY due_at, id LIMIT ?5)
                    RETURNING id, type, body, trace_parent, occurred_at, attempts
                    """,
                postgres: """
                    UPDATE outbox SET claim = ?1, due_at = ?2
                    WHERE id = ANY (ARRAY(
                      SELECT id FROM outbox WHERE receiver = ?3 AND due_at <= ?4 ORDER BY due_at, id LIMIT ?5 FOR UPDATE SKIP LOCKED))
                    RETURNING id, type, body, trace_parent, occurred_at, attempts
                    """),
            claim, until.ToUnixTimeMilliseconds(), receiver, now.ToUnixTimeMilliseconds(), limit);
        claimed.Sort(static (a, b) => a.Row.CompareTo(b.Row));
        return claimed;
    }

    public static List<ParkedEvent> Parked(StorageConnection connection, string sender, int limit) => connection.List(
        r => new ParkedEvent($"{sender}-{r.GetInt64(0)}", r.GetString(1), r.GetString(2), DateTimeOffset.FromUnixTimeMilliseconds(r.GetInt64(3)),
            DateTimeOffset.FromUnixTimeMilliseconds(r.GetInt64(4)), r.GetInt32(5), r.GetString(6)),
        """
        SELECT id, receiver, type, occurred_at, parked_at, attempts, failure FROM outbox
        WHERE parked_at IS NOT NULL ORDER BY id LIMIT ?1
        """,
        limit);

    // It may be another replica's clock that is ahead, and what that one has claimed is its own.
    private static string NotAnothers(StorageConnection connection) => connection.Pick(sqlite: "", postgres: "AND claim IS NULL");

    private static OutboxEvent Map(DbDataReader row, string sender, string receiver)
    {
        var id = row.GetInt64(0);
        var trace = row.IsDBNull(3) || !ActivityContext.TryParse(row.GetString(3), null, isRemote: true, out var context) ? default : context;
        return new OutboxEvent(id, $"{sender}-{id}", receiver, row.GetString(1), row.GetFieldValue<byte[]>(2),
            DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(4)), row.GetInt32(5), trace);
    }
}
