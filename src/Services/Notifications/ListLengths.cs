using Twite.Contracts;
using Twite.Storage;

namespace Twite.Notifications;

/// <summary>Keeps lists short, as entries are added to them: a reading steps over what is hidden, and nobody else ever takes old entries away. Looks
/// after a list at its first entry since the start and then after every <see cref="Unchecked"/>, since it must count the list. Used by the writer thread only.</summary>
internal sealed class ListLengths(NotificationsOptions options)
{
    /// <summary>By how many entries a list may be too long.</summary>
    public const int Unchecked = 100;

    private const int RemovedAtOnce = 500;
    private const int MaxCounted = 10_000;
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly Dictionary<long, int> _until = [];
    private DateTimeOffset _forgetAt;

    /// <summary>An entry was added.</summary>
    /// <param name="write">The work that added it.</param>
    /// <param name="accountId">To whose list.</param>
    /// <param name="actorId">Who did what it says.</param>
    public void Added(WriteSession write, long accountId, long actorId)
    {
        var left = _until.GetValueOrDefault(accountId) - 1;
        if (left < 0)
        {
            left = Shorten(write.Connection, accountId, actorId) ? Unchecked - 1 : 0;
        }
        // Whoever is forgotten is looked after the sooner.
        if (_until.Count >= MaxCounted)
        {
            _until.Clear();
        }
        _until[accountId] = left;
        if (write.Now >= _forgetAt)
        {
            Forget(write);
        }
    }

    /// <returns>Whether nothing is left to remove.</returns>
    private bool Shorten(StorageConnection connection, long accountId, long actorId)
    {
        // First, or what one person did too often would push out what the others did.
        var ofOne = connection.Run(
            """
            DELETE FROM notifications WHERE id IN (
              SELECT id FROM notifications WHERE actor_id = ?1 AND account_id = ?2 AND type = ?3 ORDER BY id DESC LIMIT ?4 OFFSET ?5)
            """,
            actorId, accountId, (long)NotificationType.Mention, RemovedAtOnce, options.MaxKeptOfOne);
        if (ofOne == RemovedAtOnce)
        {
            return false;
        }
        var removed = connection.Run(
            """
            DELETE FROM notifications WHERE id IN (
              SELECT id FROM notifications WHERE account_id = ?1 ORDER BY id DESC LIMIT ?2 OFFSET ?3)
            """,
            accountId, RemovedAtOnce, options.MaxKept);
        return removed < RemovedAtOnce;
    }

    // Of everybody's lists: ids are in the order of time.
    private void Forget(WriteSession write)
    {
        var forgotten = write.Connection.Run(
            "DELETE FROM notifications WHERE id IN (SELECT id FROM notifications WHERE id < ?1 ORDER BY id LIMIT ?2)",
            ChangeId.FloorAt(write.Now - options.Kept), RemovedAtOnce);
        _forgetAt = forgotten < RemovedAtOnce ? write.Now + Interval : write.Now;
    }
}
