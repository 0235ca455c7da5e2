using Grpc.Core;
using Twite.Contracts;

namespace Twite.Web.Live;

/// <content>The lease that makes Notifications send updates here.</content>
public sealed partial class LiveFeed
{
    private async Task HoldLeaseAsync(CancellationToken cancellationToken)
    {
        var request = new RenewLeaseRequest { Instance = _options.Instance, ReceiverAddress = _options.ReceiverAddress };
        var backoff = new Backoff(_options.MinPollInterval, _options.LeaseInterval);
        var failing = false;
        var epoch = 0L;
        while (true)
        {
            TimeSpan wait;
            try
            {
                var lease = await _clients.Notifications.RenewLeaseAsync(request.Clone(), cancellationToken: cancellationToken);
                Put(new Input(null, lease));
                if (failing)
                {
                    _logger.LeaseRecovered();
                }
                if (lease.Epoch > epoch)
                {
                    epoch = lease.Epoch;
                    _logger.EpochBegan(_options.ReceiverAddress, epoch);
                }
                failing = false;
                backoff.Reset();
                wait = _options.LeaseInterval;
            }
            catch (RpcException e) when (!cancellationToken.IsCancellationRequested)
            {
                if (!failing)
                {
                    _logger.LeaseFailed(e.Status.Detail);
                }
                failing = true;
                wait = backoff.Next();
            }
            await Task.Delay(wait, _time, cancellationToken);
        }
    }
}
