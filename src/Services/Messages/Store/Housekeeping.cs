using Microsoft.Extensions.Logging;
using Twite.Contracts;
using Twite.Storage;

namespace Twite.Messages;

/// <summary>Removes what is no longer needed, a little at a time so that nobody waits: the messages of deleted accounts, old idempotency keys,
/// old deletions.</summary>
internal sealed class Housekeeping(
    Database database, MessageWrites writes, MessagesOptions options, TimeProvider time, ILogger<Housekeeping> logger) : IAsyncDisposable
{
    private const int AtOnce = 100;
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    private readonly SemaphoreSlim _wake = new(0);
    private readonly CancellationTokenSource _stop = new();
    private Task _working = Task.CompletedTask;

    public void Start() => _working = Task.Run(WorkAsync);

    /// <summary>There is something to remove now.</summary>
    public void Wake() => _wake.Release();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _working;
        _stop.Dispose();
        _wake.Dispose();
    }

    private async Task WorkAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await TidyAsync();
                using var hour = new CancellationTokenSource(Interval, time);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(hour.Token, _stop.Token);
                await _wake.WaitAsync(either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (Exception) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error)
            {
                // Whatever it is, what is to be removed must not wait for a restart.
                logger.HousekeepingFailed(error);
                await Task.Delay(TimeSpan.FromMinutes(1), time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task TidyAsync()
    {
        foreach (var author in database.Read(FindPurgeable))
        {
            var (count, removed) = (0L, 0);
            do
            {
                removed = await database.WriteAsync(session => writes.Purge(session, author, AtOnce), _stop.Token);
                count += removed;
            }
            while (removed == AtOnce);
            logger.Purged(count, author);
        }
        var now = time.GetUtcNow();
        await ForgetAsync(
            "DELETE FROM idempotency_keys WHERE message_id IN (SELECT message_id FROM idempotency_keys WHERE message_id < ?1 ORDER BY message_id LIMIT ?2)",
            ChangeId.FloorAt(now - options.KeysKept));
        await ForgetAsync(
            "DELETE FROM deletions WHERE change_id IN (SELECT change_id FROM deletions WHERE change_id < ?1 ORDER BY change_id LIMIT ?2)",
            ChangeId.FloorAt(now - options.DeletionsKept));
    }

    private async Task ForgetAsync(string sql, long below)
    {
        while (await database.WriteAsync(session => session.Connection.Run(sql, below, AtOnce), _stop.Token) == AtOnce)
        {
        }
    }

    private static List<long> FindPurgeable(StorageConnection connection) => connection.List(
        row => row.GetInt64(0), "SELECT id FROM authors WHERE state <> 1 AND state = ?1 AND messages > 0", (long)AccountState.Deleted);
}
