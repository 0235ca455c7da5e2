using Grpc.Core;
using Microsoft.Extensions.Logging;
using Twite.Contracts;

namespace Twite.Web.Live;

/// <summary>Keeps whom the online people follow true: loaded when their first stream begins, changed by what is heard, and read again
/// after that and whenever something may have been missed, a few at a time.</summary>
internal sealed class FollowLists(FollowsService.FollowsServiceClient follows, StreamIndex index, TimeProvider time, ILogger logger)
{
    private const int Readers = 4;
    private readonly StaleSet<Audience> _stale = new();

    /// <summary>Someone follows someone else now, or no longer.</summary>
    public void Heard(LiveFollow follow, bool follows)
    {
        var homes = index.HomesOf(follow.FollowerId);
        foreach (var home in homes)
        {
            index.ChangeFollow(home, follow.FolloweeId, follows);
        }
        _stale.Mark(homes);
    }

    /// <summary>Something may have been missed, about anybody.</summary>
    public void Distrust() => _stale.Mark(index.HomesOf());

    /// <summary>Reads whom an audience's person follows.</summary>
    /// <exception cref="RpcException">It cannot be read now.</exception>
    public async Task LoadAsync(Audience audience, CancellationToken cancellationToken)
    {
        FollowsVersion version;
        ListFollowingIdsReply reply;
        do
        {
            version = index.VersionOf(audience);
            reply = await follows.ListFollowingIdsAsync(
                new ListFollowingIdsRequest { AccountId = audience.AccountId!.Value }, cancellationToken: cancellationToken);
        }
        while (!index.TrySetFollows(audience, reply.AccountIds, version));
    }

    /// <summary>Reads again what is stale, until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var stale = await _stale.TakeAsync(cancellationToken);
            var failed = 0;
            await Parallel.ForEachAsync(
                stale,
                new ParallelOptions { MaxDegreeOfParallelism = Readers, CancellationToken = cancellationToken },
                async (audience, token) =>
                {
                    try
                    {
                        await LoadAsync(audience, token);
                    }
                    catch (Exception e) when (!token.IsCancellationRequested)
                    {
                        // Whatever it was: the set was taken, and what is not put back would stay stale for as long as its streams run.
                        logger.FollowsFailed(audience.AccountId!.Value, e is RpcException rpc ? LiveLog.Reason(rpc) : e.Message.TrimEnd('.'));
                        Interlocked.Increment(ref failed);
                        _stale.Mark(audience);
                    }
                });

            // Everybody may have to be read again: at most once a second, however often something is missed.
            if (failed > 0 || stale.Count > Readers)
            {
                await Task.Delay(TimeSpan.FromSeconds(1), time, cancellationToken);
            }
        }
    }
}
