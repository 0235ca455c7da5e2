using Anywire;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Twite.Contracts;
using Twite.Storage;

namespace Twite.Follows;

internal sealed partial class FollowsStore
{
    private const string Notifications = "notifications";

    /// <summary>Adds an edge and tells of it; changes nothing when it is there already.</summary>
    /// <exception cref="RpcException">PERMISSION_DENIED or NOT_FOUND when either is no longer in good standing; FAILED_PRECONDITION when
    /// the follower follows too many.</exception>
    public Task FollowAsync(long followerId, long followeeId, int maxFollowing, CancellationToken cancellationToken) => database.WriteAsync(
        write =>
        {
            RequireMayAct(write.Connection, followerId);
            if (StateOf(write.Connection, followeeId) == AccountState.Deleted)
            {
                throw UnknownAccount();
            }
            if (IsFollowing(write.Connection, followerId, followeeId))
            {
                return;
            }
            if (FollowingOf(write.Connection, followerId) >= maxFollowing)
            {
                throw FollowsTooMany(maxFollowing);
            }
            Insert(write, followerId, followeeId);
            AddToCounts(write.Connection, followerId, following: 1, followers: 0);
            AddToCounts(write.Connection, followeeId, following: 0, followers: 1);
            write.Enqueue(Notifications, Followed.Descriptor.Name,
                new Followed { Header = HeaderOf(write), FollowerId = followerId, FolloweeId = followeeId }.ToByteArray());
        },
        cancellationToken);

    /// <summary>Removes an edge and tells of it; changes nothing when there is none.</summary>
    /// <exception cref="RpcException">PERMISSION_DENIED when the follower is no longer in good standing.</exception>
    public Task UnfollowAsync(long followerId, long followeeId, CancellationToken cancellationToken) => database.WriteAsync(
        write =>
        {
            RequireMayAct(write.Connection, followerId);
            if (write.Connection.Run("DELETE FROM follows WHERE follower_id = ?1 AND followee_id = ?2", followerId, followeeId) == 0)
            {
                return;
            }
            AddToCounts(write.Connection, followerId, following: -1, followers: 0);
            AddToCounts(write.Connection, followeeId, following: 0, followers: -1);
            write.Enqueue(Notifications, Unfollowed.Descriptor.Name,
                new Unfollowed { Header = HeaderOf(write), FollowerId = followerId, FolloweeId = followeeId }.ToByteArray());
        },
        cancellationToken);

    /// <summary>Adds many edges and tells nobody; those that are there already, and those of deleted accounts, are passed over.</summary>
    /// <returns>How many were added.</returns>
    /// <exception cref="RpcException">FAILED_PRECONDITION when somebody would follow too many: then none is added.</exception>
    public Task<int> ImportAsync(IReadOnlyList<ImportedFollow> follows, int maxFollowing, CancellationToken cancellationToken) => database.WriteAsync(
        write =>
        {
            var created = 0;
            var added = new Dictionary<long, (int Following, int Followers)>();
            foreach (var follow in follows)
            {
                if (Insert(write, follow.FollowerId, follow.FolloweeId) == 0)
                {
                    continue;
                }
                created++;
                var follower = added.GetValueOrDefault(follow.FollowerId);
                added[follow.FollowerId] = follower with { Following = follower.Following + 1 };
                var followee = added.GetValueOrDefault(follow.FolloweeId);
                added[follow.FolloweeId] = followee with { Followers = followee.Followers + 1 };
            }
            foreach (var (accountId, (following, followers)) in added)
            {
                AddToCounts(write.Connection, accountId, following, followers);
                if (following > 0 && FollowingOf(write.Connection, accountId) > maxFollowing)
                {
                    throw FollowsTooMany(maxFollowing, accountId);
                }
            }
            return created;
        },
        cancellationToken);

    /// <summary>NOT_FOUND.</summary>
    public static RpcException UnknownAccount() => RpcErrors.NotFound("There is no such account, or no longer.");

    private static long FollowingOf(StorageConnection connection, long accountId) =>
        connection.FindInt64("SELECT following FROM counts WHERE account_id = ?1", accountId) ?? 0;

    private static int Insert(WriteSession write, long followerId, long followeeId) => write.Connection.Run("""
        INSERT INTO follows (follower_id, followee_id, id) SELECT ?1, ?2, ?3
        WHERE NOT EXISTS (SELECT 1 FROM closed_accounts WHERE account_id IN (?1, ?2) AND state = ?4)
        ON CONFLICT DO NOTHING
        """, followerId, followeeId, write.NextId().Id, (long)AccountState.Deleted);

    private static void AddToCounts(StorageConnection connection, long accountId, int following, int followers) => connection.Send("""
        INSERT INTO counts (account_id, following, followers) VALUES (?1, ?2, ?3)
        ON CONFLICT (account_id) DO UPDATE SET following = counts.following + ?4, followers = counts.followers + ?5
        """, accountId, Math.Max(following, 0), Math.Max(followers, 0), following, followers);

    // Accounts ends the sessions of who is suspended or deleted; an assertion lives on for up to a minute.
    private static void RequireMayAct(StorageConnection connection, long accountId)
    {
        switch (StateOf(connection, accountId))
        {
            case AccountState.Suspended:
                throw RpcErrors.Failure(StatusCode.PermissionDenied, "SUSPENDED", "Your account is suspended. Ask whoever runs this network for the reason.");
            case AccountState.Deleted:
                throw RpcErrors.Failure(StatusCode.Unauthenticated, "ACCOUNT_CLOSED", "This account no longer exists.");
        }
    }

    private static AccountState StateOf(StorageConnection connection, long accountId) =>
        (AccountState)(connection.FindInt64("SELECT state FROM closed_accounts WHERE account_id = ?1", accountId) ?? (long)AccountState.Active);

    private static EventHeader HeaderOf(WriteSession write) => new() { OccurredAt = Timestamp.FromDateTimeOffset(write.Now) };

    private static RpcException FollowsTooMany(int max, long? accountId = null) => RpcErrors.Failure(StatusCode.FailedPrecondition, "FOLLOWS_TOO_MANY",
        accountId is null
            ? $"You follow {max} people, which is as many as one can. Unfollow somebody first."
            : $"Account {accountId} would follow more than the {max} people that one can. Leave some of its follows out.");
}
