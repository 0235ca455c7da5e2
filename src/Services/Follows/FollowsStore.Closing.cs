using Twite.Contracts;
using Twite.Storage;

namespace Twite.Follows;

internal sealed partial class FollowsStore
{
    /// <summary>The most edges that are removed in one piece of work: other writers wait for it.</summary>
    private const int RemovedAtOnce = 500;

    /// <summary>Keeps what Accounts told of an account, unless something later is known already. Once deleted it stays deleted.</summary>
    public Task SetStateAsync(long accountId, AccountState state, DateTimeOffset changedAt, CancellationToken cancellationToken) => database.WriteAsync(
        write => write.Connection.Run("""
            INSERT INTO closed_accounts (account_id, state, changed_at) VALUES (?1, ?2, ?3)
            ON CONFLICT (account_id) DO UPDATE SET state = excluded.state, changed_at = excluded.changed_at
            WHERE closed_accounts.state <> ?4 AND (excluded.changed_at > closed_accounts.changed_at OR excluded.state = ?4)
            """, accountId, (long)state, changedAt.ToUnixTimeMilliseconds(), (long)AccountState.Deleted),
        cancellationToken);

    /// <summary>Removes some edges of a deleted account and corrects the others' counts; the account's own go with its last edge.</summary>
    /// <returns>Whether there may be more.</returns>
    public Task<bool> RemoveEdgesAsync(long accountId, CancellationToken cancellationToken) => database.WriteAsync(
        write =>
        {
            var followees = Remove(write.Connection, accountId, """
                DELETE FROM follows WHERE follower_id = ?1 AND followee_id IN (SELECT followee_id FROM follows WHERE follower_id = ?1 LIMIT ?2)
                RETURNING followee_id
                """);
            var followers = Remove(write.Connection, accountId, """
                DELETE FROM follows WHERE followee_id = ?1 AND follower_id IN (SELECT follower_id FROM follows WHERE followee_id = ?1 LIMIT ?2)
                RETURNING follower_id
                """);
            followees.ForEach(followee => AddToCounts(write.Connection, followee, following: 0, followers: -1));
            followers.ForEach(follower => AddToCounts(write.Connection, follower, following: -1, followers: 0));
            if (followees.Count == RemovedAtOnce || followers.Count == RemovedAtOnce)
            {
                AddToCounts(write.Connection, accountId, -followees.Count, -followers.Count);
                return true;
            }
            write.Connection.Send("DELETE FROM counts WHERE account_id = ?1", accountId);
            return false;
        },
        cancellationToken);

    private static List<long> Remove(StorageConnection connection, long accountId, string sql) =>
        connection.List(row => row.GetInt64(0), sql, accountId, RemovedAtOnce);
}
