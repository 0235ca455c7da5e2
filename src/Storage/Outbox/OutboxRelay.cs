using System.Collections.Concurrent;
using System.Diagnostics;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Twite.Storage;

/// <summary>Hands the outbox's events over to their receivers, in the order of their ids and several at once, until each was handled. An event
/// comes straight from its commit; the database is read only for what was left over. Several relays may work on one outbox: each
/// claims what it takes. Disposing waits for hand-overs under way to be cancelled, and lets go of all claims.</summary>
public sealed class OutboxRelay : IAsyncDisposable
{
    /// <summary>The name of the source of a hand-over's span, whose parent is the write that left the event.</summary>
    public const string ActivitySourceName = "Twite.Storage";

    private static readonly ActivitySource Activities = new(ActivitySourceName);

    private readonly Database _database;
    private readonly Func<OutboxEvent, CancellationToken, Task<HandOver>> _handOver;
    private readonly ILogger _logger;
    private readonly Settlement _settlement;
    private readonly ConcurrentDictionary<string, OutboxLane> _lanes = new(StringComparer.Ordinal);
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly CancellationTokenSource _stop = new();
    private Task _scanning = Task.CompletedTask;

    /// <summary>A relay for a database's outbox; it does nothing before <see cref="Start"/>.</summary>
    /// <param name="database">Whose outbox; it must live longer.</param>
    /// <param name="options">How it works.</param>
    /// <param name="handOver">Hands one event over and says how that ended. Called on pool threads, several at once. It must end within the
    /// options' hand-over time; an exception counts as <see cref="HandOver.Failed"/>.</param>
    public OutboxRelay(Database database, OutboxRelayOptions options, Func<OutboxEvent, CancellationToken, Task<HandOver>> handOver)
    {
        _database = database;
        _handOver = handOver;
        Options = options;
        _logger = database.Loggers.CreateLogger<OutboxRelay>();
        _settlement = new Settlement(database, options, Wake, _logger);
    }

    internal OutboxRelayOptions Options { get; }

    /// <summary>What this relay's claims are known by.</summary>
    internal string Claim { get; } = Guid.NewGuid().ToString("N");

    /// <summary>Begins. Events that were enqueued before are handed over first.</summary>
    public void Start()
    {
        _database.OutboxWriter.Relay = this;
        _scanning = Task.Run(ScanAsync);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_database.OutboxWriter.Relay == this)
        {
            _database.OutboxWriter.Relay = null;
        }
        await _stop.CancelAsync();
        await _scanning;
        await Task.WhenAll(_lanes.Values.Select(l => l.StopAsync()));
        await _settlement.DisposeAsync();
        try
        {
            await _database.WriteAsync(
                session => session.Connection.Run("UPDATE outbox SET claim = NULL, due_at = occurred_at WHERE claim = ?1", Claim),
                CancellationToken.None);
        }
        catch (StorageException error)
        {
            _logger.RelayFailed(error, _database.Options.Name);
        }
        _stop.Dispose();
    }

    internal bool HasRoom(string receiver) => LaneOf(receiver).HasRoom;

    /// <summary>An event that was claimed for this relay when it was enqueued.</summary>
    internal void Take(OutboxEvent @event) => LaneOf(@event.Receiver).Take(@event);

    /// <summary>An event stays in the database, because there was no room for it here.</summary>
    internal void LeaveBehind(string receiver) => LeaveBehind(LaneOf(receiver));

    /// <summary>Something may be due.</summary>
    internal void Wake() => _wake.Writer.TryWrite(true);

    private OutboxLane LaneOf(string receiver) => _lanes.GetOrAdd(receiver, static (name, relay) =>
        new OutboxLane(name, relay.Options, relay._database.Time, relay.HandOverAsync, relay.GiveBack), this);

    private void LeaveBehind(OutboxLane lane)
    {
        lane.HasLeft = true;
        WakeForLeft(lane);
    }

    private void WakeForLeft(OutboxLane lane)
    {
        if (lane.HasLeft && lane.HasRoom)
        {
            lane.HasLeft = false;
            Wake();
        }
    }

    private async Task ScanAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            var wait = Options.LongestPause;
            try
            {
                wait = await ClaimDueAsync();
            }
            catch (Exception error)
            {
                // Whatever it is, the next events must not wait for a restart.
                _logger.RelayFailed(error, _database.Options.Name);
            }
            using var waiting = new CancellationTokenSource(wait, _database.Time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(waiting.Token, _stop.Token);
            await ((Task)_wake.Reader.WaitToReadAsync(either.Token).AsTask()).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _wake.Reader.TryRead(out _);
        }
    }

    /// <returns>When to look again.</returns>
    private async Task<TimeSpan> ClaimDueAsync()
    {
        var wait = Options.ScanInterval;
        foreach (var (receiver, firstAt, lastAt) in _database.Read(OutboxQueries.Due))
        {
            var lane = LaneOf(receiver);
            var now = _database.Time.GetUtcNow();
            var dueAt = firstAt;
            // The clock was set back, or on a server another replica's is ahead: trying early what that one would try later does no harm.
            if (lastAt > now + Options.Furthest)
            {
                await _database.WriteAsync(session => OutboxQueries.Recall(session.Connection, receiver, now, now + Options.Furthest), CancellationToken.None);
                dueAt = now;
            }
            var room = lane.Room;
            if (dueAt <= now && room > 0)
            {
                var claimed = await _database.WriteAsync(
                    session => OutboxQueries.Claim(session.Connection, _database.Options.Name, receiver, Claim, now, now + Options.ClaimTime, room),
                    CancellationToken.None);
                claimed.ForEach(lane.Take);
                if (claimed.Count == room)
                {
                    LeaveBehind(lane);
                }
                continue;
            }
            var left = room == 0 ? lane.AwayFor : dueAt - now;
            if (left > TimeSpan.Zero && left < wait)
            {
                wait = left;
            }
        }
        return wait;
    }

    private async Task HandOverAsync(OutboxEvent @event)
    {
        var lane = LaneOf(@event.Receiver);
        var time = _database.Time;
        if (@event.ClaimedUntil - time.GetUtcNow() >= Options.HandOverTime)
        {
            using var activity = Activities.StartActivity($"outbox {@event.Type}", ActivityKind.Producer, @event.Trace) ?? PassOn(@event);
            HandOver result;
            try
            {
                result = await _handOver(@event, _stop.Token);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error)
            {
                result = HandOver.Failed(error.Message);
            }
            Settle(lane, @event, result);
        }
        WakeForLeft(lane);
    }

    // Though nobody records this part of the trace, what follows belongs to it.
    private static Activity? PassOn(OutboxEvent @event)
    {
        if (@event.Trace == default)
        {
            return null;
        }
        var activity = new Activity("outbox");
        activity.SetParentId(@event.Trace.TraceId, @event.Trace.SpanId, @event.Trace.TraceFlags);
        activity.IsAllDataRequested = false;
        return activity.Start();
    }

    private void Settle(OutboxLane lane, OutboxEvent @event, HandOver result)
    {
        var now = _database.Time.GetUtcNow();
        if (result.Result == HandOverResult.Away)
        {
            if (lane.MarkAway() is { } pause)
            {
                _logger.ReceiverAway(lane.Receiver, _database.Options.Name, result.Reason, pause);
            }
            GiveBack(@event);
            return;
        }
        if (lane.MarkPresent())
        {
            _logger.ReceiverBack(lane.Receiver, _database.Options.Name);
            Wake();
        }
        var attempts = @event.Attempts + 1;
        switch (result.Result)
        {
            case HandOverResult.Handled:
                _settlement.Add(new Outcome.Done(@event.Row, Claim));
                break;
            case HandOverResult.Accepted:
                _settlement.Add(new Outcome.Later(@event.Row, Claim, now + Options.ResendAfterAccepted(@event.Attempts), attempts, null));
                break;
            case HandOverResult.Refused when attempts >= Options.TriesBeforeParking:
                _logger.EventParked(@event.Id, @event.Type, @event.Receiver, attempts, result.Reason);
                _settlement.Add(new Outcome.Parked(@event.Row, Claim, now, attempts, result.Reason));
                break;
            default:
                _logger.EventFailed(@event.Id, @event.Type, @event.Receiver, attempts, result.Reason);
                _settlement.Add(new Outcome.Later(@event.Row, Claim, now + Options.PauseAfter(attempts), attempts, result.Reason));
                break;
        }
    }

    // Due since it occurred: its place among the others stays. By a clock that was set back since it has not occurred yet.
    private void GiveBack(OutboxEvent @event)
    {
        var now = _database.Time.GetUtcNow();
        _settlement.Add(new Outcome.Later(@event.Row, Claim, @event.OccurredAt < now ? @event.OccurredAt : now, @event.Attempts, null));
    }
}
