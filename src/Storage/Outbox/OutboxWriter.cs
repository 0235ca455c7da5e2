using System.Diagnostics;

namespace Twite.Storage;

/// <summary>Writes events to the outbox within a commit. With a relay in this process an event is claimed for it in the same insert and goes
/// to it after the commit without being read again. Used by the writer thread only, but for <see cref="Relay"/>.</summary>
internal sealed class OutboxWriter(string sender, TimeProvider time)
{
    private volatile OutboxRelay? _relay;

    /// <summary>The relay of this process; null when there is none.</summary>
    public OutboxRelay? Relay
    {
        get => _relay;
        set => _relay = value;
    }

    public void Add(StorageConnection connection, GroupEnd end, long row, string receiver, string type, byte[] body, ActivityContext trace)
    {
        var now = time.GetUtcNow();
        var relay = _relay;
        var claimed = relay is not null && relay.HasRoom(receiver);
        var due = claimed ? now + relay!.Options.ClaimTime : now;
        connection.Send(
            """
            INSERT INTO outbox (id, receiver, type, body, trace_parent, occurred_at, due_at, claim) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
            """,
            row, receiver, type, body, FormatTrace(trace), now.ToUnixTimeMilliseconds(), due.ToUnixTimeMilliseconds(),
            claimed ? relay!.Claim : null);
        if (claimed)
        {
            var @event = new OutboxEvent(row, $"{sender}-{row}", receiver, type, body, now, 0, trace) { ClaimedUntil = due };
            end.OnCommitted.Add(() => relay!.Take(@event));
        }
        else if (relay is not null)
        {
            end.OnCommitted.Add(() => relay.LeaveBehind(receiver));
        }
    }

    private static string? FormatTrace(ActivityContext trace) =>
        trace == default ? null : $"00-{trace.TraceId}-{trace.SpanId}-{(trace.TraceFlags.HasFlag(ActivityTraceFlags.Recorded) ? "01" : "00")}";
}
