using Microsoft.Extensions.Logging;

namespace Twite.Storage;

/// <summary>Writes down what became of events, many in one write.</summary>
internal sealed class Settlement : IAsyncDisposable
{
    private const int AtOnce = 256;

    private readonly Lock _lock = new();
    private readonly Database _database;
    private readonly OutboxRelayOptions _options;
    private readonly Action _settled;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _hurry = new();
    private List<Outcome> _outcomes = [];
    private Task _writing = Task.CompletedTask;
    private CancellationTokenSource _enough = new();

    public Settlement(Database database, OutboxRelayOptions options, Action settled, ILogger logger)
    {
        _database = database;
        _options = options;
        _settled = settled;
        _logger = logger;
    }

    public void Add(Outcome outcome)
    {
        lock (_lock)
        {
            _outcomes.Add(outcome);
            if (_outcomes.Count == 1)
            {
                _enough.Dispose();
                _enough = CancellationTokenSource.CreateLinkedTokenSource(_hurry.Token);
                _writing = WriteLaterAsync(_writing, _enough.Token);
            }
            else if (_outcomes.Count == AtOnce)
            {
                _enough.Cancel();
            }
        }
    }

    /// <summary>Writes what has gathered now.</summary>
    public async ValueTask DisposeAsync()
    {
        await _hurry.CancelAsync();
        Task writing;
        lock (_lock)
        {
            writing = _writing;
        }
        await writing;
        _enough.Dispose();
        _hurry.Dispose();
    }

    private async Task WriteLaterAsync(Task before, CancellationToken enough)
    {
        await before;
        await Task.Delay(_options.SettleDelay, _database.Time, enough).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        List<Outcome> outcomes;
        lock (_lock)
        {
            outcomes = _outcomes;
            _outcomes = [];
        }
        CrashPoint.Hit(CrashPoint.AfterPublishBeforeMarkSent, _database.Options.Name);
        try
        {
            await _database.WriteAsync(
                session =>
                {
                    foreach (var outcome in outcomes)
                    {
                        outcome.Write(session.Connection);
                    }
                },
                CancellationToken.None);
            if (outcomes.Exists(o => o is not Outcome.Done))
            {
                _settled();
            }
        }
        catch (Exception error)
        {
            // Whatever it is, the next outcomes are written. Their claims run out, and they are handed over again: doubled, which receivers recognise, but not lost.
            _logger.RelayFailed(error, _database.Options.Name);
        }
    }
}

/// <summary>What became of an event.</summary>
/// <param name="Row">The event.</param>
/// <param name="Claim">Whose hand it was in.</param>
internal abstract record Outcome(long Row, string Claim)
{
    public abstract void Write(StorageConnection connection);

    public sealed record Done(long Row, string Claim) : Outcome(Row, Claim)
    {
        public override void Write(StorageConnection connection) => connection.Send("DELETE FROM outbox WHERE id = ?1", Row);
    }

    /// <summary>To be handed over (again) at a time.</summary>
    public sealed record Later(long Row, string Claim, DateTimeOffset DueAt, int Attempts, string? Failure) : Outcome(Row, Claim)
    {
        public override void Write(StorageConnection connection) => connection.Send(
            "UPDATE outbox SET claim = NULL, due_at = ?3, attempts = ?4, failure = ?5 WHERE id = ?1 AND claim = ?2",
            Row, Claim, DueAt.ToUnixTimeMilliseconds(), Attempts, Failure);
    }

    public sealed record Parked(long Row, string Claim, DateTimeOffset At, int Attempts, string Failure) : Outcome(Row, Claim)
    {
        public override void Write(StorageConnection connection) => connection.Send(
            "UPDATE outbox SET claim = NULL, due_at = ?3, parked_at = ?4, attempts = ?5, failure = ?6 WHERE id = ?1 AND claim = ?2",
            Row, Claim, long.MaxValue, At.ToUnixTimeMilliseconds(), Attempts, Failure);
    }
}
