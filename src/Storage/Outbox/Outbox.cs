using Microsoft.Extensions.Logging;

namespace Twite.Storage;

/// <summary>The events that others still have to be told. Any thread may use it.</summary>
public sealed class Outbox
{
    private readonly Database _database;

    internal Outbox(Database database) => _database = database;

    /// <summary>How many events wait to be handled, and how many are parked. Counts them one by one.</summary>
    public (long Waiting, long Parked) Count() => _database.Read(c => c.List(
        r => (r.GetInt64(0), r.GetInt64(1)),
        "SELECT count(*) FILTER (WHERE parked_at IS NULL), count(*) FILTER (WHERE parked_at IS NOT NULL) FROM outbox")[0]);

    /// <summary>Lets go of events that their receiver has handled. Ids that are not known (any more), and those of events for others, change nothing.</summary>
    /// <param name="receiver">Who says so, proved: ids are easily guessed.</param>
    /// <param name="eventIds">Which ones.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="StorageException">Nothing was stored; confirm again.</exception>
    public Task ConfirmAsync(string receiver, IReadOnlyCollection<string> eventIds, CancellationToken cancellationToken)
    {
        var rows = eventIds.Select(FindRow).OfType<long>().ToList();
        return rows.Count == 0 ? Task.CompletedTask : _database.WriteAsync(
            session =>
            {
                foreach (var row in rows)
                {
                    session.Connection.Send("DELETE FROM outbox WHERE id = ?1 AND receiver = ?2", row, receiver);
                }
            },
            cancellationToken);
    }

    /// <summary>Parks events that their receiver has given up; those that are not known (any more), parked already, or for others stay as they are.</summary>
    /// <param name="receiver">Who says so, proved.</param>
    /// <param name="givenUp">Which ones, and why.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="StorageException">Nothing was stored; say it again.</exception>
    public async Task ParkAsync(string receiver, IReadOnlyCollection<(string EventId, string Reason)> givenUp, CancellationToken cancellationToken)
    {
        var known = givenUp.Select(e => (Row: FindRow(e.EventId), e.EventId, e.Reason)).Where(e => e.Row is not null).ToList();
        if (known.Count == 0)
        {
            return;
        }
        var parked = await _database.WriteAsync(
            session => known.FindAll(e => session.Connection.Run(
                "UPDATE outbox SET claim = NULL, due_at = ?2, parked_at = ?3, failure = ?4 WHERE id = ?1 AND receiver = ?5 AND parked_at IS NULL",
                e.Row, long.MaxValue, session.Now.ToUnixTimeMilliseconds(), e.Reason, receiver) > 0),
            cancellationToken);
        var logger = _database.Loggers.CreateLogger<Outbox>();
        parked.ForEach(e => logger.EventGivenUp(e.EventId, e.Reason.TrimEnd('.')));
    }

    /// <summary>The parked events, the oldest first.</summary>
    public IReadOnlyList<ParkedEvent> ListParked(int limit) => _database.Read(c => OutboxQueries.Parked(c, _database.Options.Name, limit));

    /// <summary>Hands a parked event over again, as if it were new.</summary>
    /// <returns>False when no event of that id is parked.</returns>
    public async Task<bool> ReplayAsync(string eventId, CancellationToken cancellationToken)
    {
        var replayed = FindRow(eventId) is { } row && await _database.WriteAsync(
            session => session.Connection.Run(
                "UPDATE outbox SET parked_at = NULL, attempts = 0, due_at = ?2 WHERE id = ?1 AND parked_at IS NOT NULL",
                row, session.Now.ToUnixTimeMilliseconds()) > 0,
            cancellationToken);
        if (replayed)
        {
            _database.OutboxWriter.Relay?.Wake();
        }
        return replayed;
    }

    /// <summary>Gives a parked event up: its receiver will never learn of it.</summary>
    /// <returns>False when no event of that id is parked.</returns>
    public async Task<bool> DropAsync(string eventId, CancellationToken cancellationToken) =>
        FindRow(eventId) is { } row && await _database.WriteAsync(
            session => session.Connection.Run("DELETE FROM outbox WHERE id = ?1 AND parked_at IS NOT NULL", row) > 0, cancellationToken);

    private long? FindRow(string eventId)
    {
        var prefix = _database.Options.Name.Length + 1;
        return eventId.Length > prefix && eventId[prefix - 1] == '-' && eventId.StartsWith(_database.Options.Name, StringComparison.Ordinal)
            && long.TryParse(eventId.AsSpan(prefix), out var row) ? row : null;
    }
}
