using Dapper;
using Twite.Contracts;
using Twite.Storage;

namespace Twite.Follows;

/// <summary>The graph as it is stored: what can be asked. Changes are in the other part.</summary>
internal sealed partial class FollowsStore(Database database)
{
    /// <summary>Everyone an account follows.</summary>
    public IReadOnlyList<long> ListFollowingIds(long accountId) => database.Read(connection =>
    {
        using var rows = connection.Statement("SELECT followee_id FROM follows WHERE follower_id = ?1", accountId).ExecuteReader();
        var ids = new List<long>();
        while (rows.Read())
        {
            ids.Add(rows.GetInt64(0));
        }
        return ids;
    });

    /// <summary>A page of those an account follows, latest first.</summary>
    /// <param name="accountId">The account.</param>
    /// <param name="before">Only those followed before this edge; <see cref="long.MaxValue"/> for the first page.</param>
    /// <param name="limit">How many at most.</param>
    public IReadOnlyList<Edge> ListFollowing(long accountId, long before, int limit) => database.Read(connection => connection.Query<Edge>("""
        SELECT followee_id AS AccountId, id AS Id FROM follows
        WHERE follower_id = @accountId AND id < @before ORDER BY id DESC LIMIT @limit
        """, new { accountId, before, limit }).AsList());

    /// <summary>A page of an account's followers, latest first.</summary>
    /// <inheritdoc cref="ListFollowing"/>
    public IReadOnlyList<Edge> ListFollowers(long accountId, long before, int limit) => database.Read(connection => connection.Query<Edge>("""
        SELECT follower_id AS AccountId, id AS Id FROM follows
        WHERE followee_id = @accountId AND id < @before ORDER BY id DESC LIMIT @limit
        """, new { accountId, before, limit }).AsList());

    /// <summary>How many each of some accounts follows and is followed by, in their order.</summary>
    public IReadOnlyList<FollowCounts> Count(IEnumerable<long> accountIds) => database.Read(connection =>
    {
        var counts = new List<FollowCounts>();
        foreach (var id in accountIds)
        {
            using var rows = connection.Statement("SELECT following, followers FROM counts WHERE account_id = ?1", id).ExecuteReader();
            counts.Add(rows.Read() ? new FollowCounts { Following = rows.GetInt64(0), Followers = rows.GetInt64(1) } : new FollowCounts());
        }
        return counts;
    });

    /// <summary>How an account stands to each of some others, in their order.</summary>
    public IReadOnlyList<Relationship> Relate(long accountId, IEnumerable<long> otherIds) => database.Read(connection =>
        otherIds.Select(other => new Relationship
        {
            OtherId = other,
            Following = IsFollowing(connection, accountId, other),
            FollowedBy = IsFollowing(connection, other, accountId),
        }).ToList());

    private static bool IsFollowing(StorageConnection connection, long followerId, long followeeId) =>
        connection.FindInt64("SELECT 1 FROM follows WHERE follower_id = ?1 AND followee_id = ?2", followerId, followeeId) is not null;
}

/// <summary>Somebody on a page of the graph. Immutable.</summary>
/// <param name="AccountId">Who.</param>
/// <param name="Id">The edge: where the next page starts.</param>
internal sealed record Edge(long AccountId, long Id);
