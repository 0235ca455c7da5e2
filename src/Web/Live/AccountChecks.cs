using Grpc.Core;
using Microsoft.Extensions.Logging;
using Twite.Contracts;

namespace Twite.Web.Live;

/// <summary>Ends the streams of those whose accounts are closed or suspended when word of it was missed: looks them up when a stream begins and
/// whenever something may have been missed, many at a time and at most once a second.</summary>
internal sealed class AccountChecks(AccountsService.AccountsServiceClient accounts, StreamIndex index, TimeProvider time, ILogger logger)
{
    private const int BatchSize = 500;
    private static readonly TimeSpan LeastPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);
    private readonly StaleSet<long> _unsure = new();

    /// <summary>One has begun to listen. It may have been closed since whoever let it in asked.</summary>
    public void Check(long accountId) => _unsure.Mark(accountId);

    /// <summary>Something may have been missed, about anybody.</summary>
    public void Distrust() => _unsure.Mark([.. index.HomesOf().Select(home => home.AccountId!.Value)]);

    /// <summary>Looks up whom it is unsure of, until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var backoff = new Backoff(LeastPause, LongestPause);
        while (true)
        {
            var unsure = await _unsure.TakeAsync(cancellationToken);
            var pause = LeastPause;
            var left = new Queue<long[]>(unsure.Where(index.HasHome).Chunk(BatchSize));
            try
            {
                while (left.TryPeek(out var batch))
                {
                    await CheckAsync(batch, cancellationToken);
                    left.Dequeue();
                }
                backoff.Reset();
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                // Whatever it was: they were taken, and the streams of those not put back would run on.
                _unsure.Mark([.. left.SelectMany(batch => batch)]);
                pause = backoff.Next();
                logger.AccountsFailed(e is RpcException rpc ? LiveLog.Reason(rpc) : e.Message.TrimEnd('.'));
            }
            await Task.Delay(pause, time, cancellationToken);
        }
    }

    private async Task CheckAsync(long[] ids, CancellationToken cancellationToken)
    {
        var reply = await accounts.ListAccountsAsync(new ListAccountsRequest { Ids = { ids } }, cancellationToken: cancellationToken);
        foreach (var closed in ids.Except(reply.Accounts.Where(account => !account.Suspended).Select(account => account.Id)))
        {
            index.Close(closed);
        }
    }
}
