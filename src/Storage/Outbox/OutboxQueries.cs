using System.Diagnostics;
using Dapper;

namespace Twite.Storage;

/// <summary>The questions that are asked of the outbox.</summary>
internal static class OutboxQueries
{
    /// <summary>Each receiver that has events, and when the first of them is due. Goes from receiver to receiver on the index, however
    /// many events each has.</summary>
    public static List<(string Receiver, DateTimeOffset DueAt)> FirstDue(StorageConnection connection)
    {
        using var reader = connection.Statement("""
            WITH RECURSIVE receivers (name) AS (
              SELECT min(receiver) FROM outbox
              UNION ALL
              SELECT (SELECT min(receiver) FROM outbox WHERE receiver > name) FROM receivers WHERE name IS NOT NULL)
            SELECT name, (SELECT min(due_at) FROM outbox WHERE receiver = name) FROM receivers WHERE name IS NOT NULL
            """).ExecuteReader();
        var receivers = new List<(string, DateTimeOffset)>();
        while (reader.Read())
        {
            // Parked events are due at the end of time, which no calendar has.
            if (reader.GetInt64(1) < long.MaxValue)
            {
                receivers.Add((reader.GetString(0), DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(1))));
            }
        }
        return receivers;
    }

    /// <summary>Claims the events that are due, the longest due first.</summary>
    public static List<OutboxEvent> Claim(
        StorageConnection connection, string sender, string receiver, string claim, DateTimeOffset now, DateTimeOffset until, int limit)
    {
        using var reader = connection.Statement(
            """
            UPDATE outbox SET claim = ?1, due_at = ?2
            WHERE id IN (SELECT id FROM outbox WHERE receiver = ?3 AND due_at <= ?4 ORDER BY due_at, id LIMIT ?5)
            RETURNING id, type, body, trace_parent, occurred_at, attempts
            """,
            claim, until.ToUnixTimeMilliseconds(), receiver, now.ToUnixTimeMilliseconds(), limit).ExecuteReader();
        var claimed = new List<OutboxEvent>();
        while (reader.Read())
        {
            var row = reader.GetInt64(0);
            var trace = reader.IsDBNull(3) || !ActivityContext.TryParse(reader.GetString(3), null, isRemote: true, out var context) ? default : context;
            claimed.Add(new OutboxEvent(row, $"{sender}-{row}", receiver, reader.GetString(1), reader.GetFieldValue<byte[]>(2),
                DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(4)), reader.GetInt32(5), trace)
            { ClaimedUntil = until });
        }
        claimed.Sort(static (a, b) => a.Row.CompareTo(b.Row));
        return claimed;
    }

    public static List<ParkedEvent> Parked(StorageConnection connection, string sender, int limit) =>
        [.. connection.Query<(long Id, string Receiver, string Type, long OccurredAt, long ParkedAt, int Attempts, string Failure)>(
                """
                SELECT id, receiver, type, occurred_at, parked_at, attempts, failure FROM outbox
                WHERE parked_at IS NOT NULL ORDER BY id LIMIT @limit
                """,
                new { limit })
            .Select(r => new ParkedEvent($"{sender}-{r.Id}", r.Receiver, r.Type, DateTimeOffset.FromUnixTimeMilliseconds(r.OccurredAt),
                DateTimeOffset.FromUnixTimeMilliseconds(r.ParkedAt), r.Attempts, r.Failure))];
}
