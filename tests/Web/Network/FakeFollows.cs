using Grpc.Core;
using Twite.Contracts;

namespace Twite.Web.Tests.Network;

/// <summary>Follows in memory.</summary>
internal sealed class FakeFollows : FollowsService.FollowsServiceBase
{
    private readonly Lock _gate = new();
    private readonly HashSet<(long Follower, long Followee)> _follows = [];

    private bool _isRead = true;

    public bool IsDown { get; set; }

    /// <summary>Somebody's list was read since the last change.</summary>
    public bool IsRead
    {
        get
        {
            lock (_gate)
            {
                return _isRead;
            }
        }
    }

    /// <summary>Changes the graph, and answers with the update that would be pushed.</summary>
    public LiveFollow Set(long follower, long followee, bool follows)
    {
        lock (_gate)
        {
            _isRead = false;
            _ = follows ? _follows.Add((follower, followee)) : _follows.Remove((follower, followee));
            return new LiveFollow { FollowerId = follower, FolloweeId = followee };
        }
    }

    public override Task<ListFollowingIdsReply> ListFollowingIds(ListFollowingIdsRequest request, ServerCallContext context)
    {
        if (IsDown)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, "Follows is down."));
        }
        lock (_gate)
        {
            _isRead = true;
            var reply = new ListFollowingIdsReply();
            reply.AccountIds.AddRange(_follows.Where(f => f.Follower == request.AccountId).Select(f => f.Followee));
            return Task.FromResult(reply);
        }
    }
}
