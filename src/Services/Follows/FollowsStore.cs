using System.Data.Common;
using Twite.Contracts;
using Twite.Storage;

namespace Twite.Follows;

/// <summary>The graph as it is stored: what can be asked. Changes are in the other part.</summary>
internal sealed partial class FollowsStore(Database database)
{
    /// <summary>Everyone an account follows.</summary>
    public IReadOnlyList<long> ListFollowingIds(long accountId) => database.Read(connection => connection.List(
        row => row.GetInt64(0), "SELECT followee_id FROM follows WHERE follower_id = ?1", accountId));

    /// <summary>A page of those an account follows, latest first.</summary>
    /// <param name="accountId">The account.</param>
    /// <param name="before">Only those followed before this edge; <see cref="long.MaxValue"/> for the first page.</param>
    /// <param name="limit">How many at most.</param>
    public IReadOnlyList<Edge> ListFollowing(long accountId, long before, int limit) => database.Read(connection => connection.List(
        ReadEdge, "SELECT followee_id, id FROM follows WHERE follower_id = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3", accountId, before, limit));

    /// <summary>A page of an account's followers, latest first.</summary>
    /// <inheritdoc cref="ListFollowing"/>
    public IReadOnlyList<Edge> ListFollowers(long accountId, long before, int limit) => database.Read(connection => connection.List(
        ReadEdge, "SELECT follower_id, id FROM follows WHERE followee_id = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3", accountId, before, limit));

    /// <summary>How many each of some accounts follows and is followed by, in their order.</summary>
    public IReadOnlyList<FollowCounts> Count(IEnumerable<long> accountIds)
    {
        long[] ids = [.. accountIds];
        var counts = new Dictionary<long, FollowCounts>();
        database.Read(connection => connection.QueryEach<long>(
            "SELECT following, followers FROM counts WHERE account_id = ?1", ids,
            (id, row) => counts[id] = new FollowCounts { Following = row.GetInt64(0), Followers = row.GetInt64(1) }));
        return [.. ids.Select(id => counts.TryGetValue(id, out var found) ? found : new FollowCounts())];
    }

    /// <summary>How an account stands to each of some others, in their order.</summary>
    public IReadOnlyList<Relationship> Relate(long accountId, IEnumerable<long> otherIds)
    {
        long[] others = [.. otherIds];
        var (following, followers) = (new HashSet<long>(), new HashSet<long>());
        database.Read(connection =>
        {
            connection.QueryEach<long>(
                "SELECT 1 FROM follows WHERE followee_id = ?1 AND follower_id = ?2", others, (other, _) => following.Add(other), accountId);
            connection.QueryEach<long>(
                "SELECT 1 FROM follows WHERE follower_id = ?1 AND followee_id = ?2", others, (other, _) => followers.Add(other), accountId);
        });
        return [.. others.Select(other => new Relationship
        {
            OtherId = other,
            Following = following.Contains(other),
            FollowedBy = followers.Contains(other),
        })];
    }

    private static Edge ReadEdge(DbDataReader row) => new(row.GetInt64(0), row.GetInt64(1));

    private static bool IsFollowing(StorageConnection connection, long followerId, long followeeId) =>
        connection.FindInt64("SELECT 1 FROM follows WHERE follower_id = ?1 AND followee_id = ?2", followerId, followeeId) is not null;
}

/// <summary>Somebody on a page of the graph. Immutable.</summary>
/// <param name="AccountId">Who.</param>
/// <param name="Id">The edge: where the next page starts.</param>
internal sealed record Edge(long AccountId, long Id);
