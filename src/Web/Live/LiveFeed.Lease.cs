using Grpc.Core;
using Twite.Contracts;

namespace Twite.Web.Live;

/// <content>The lease that makes Notifications send updates here.</content>
public sealed partial class LiveFeed
{
    // Whoever is back shall not wait long for those who wait for it.
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(2);

    private async Task HoldLeaseAsync(CancellationToken cancellationToken)
    {
        var request = new RenewLeaseRequest { Instance = _options.Instance, ReceiverAddress = _options.ReceiverAddress };
        var backoff = new Backoff(_options.MinPollInterval, LongestRetry);
        var epoch = 0L;
        while (true)
        {
            TimeSpan wait;
            try
            {
                var lease = await _clients.Notifications.RenewLeaseAsync(request.Clone(), cancellationToken: cancellationToken);
                Put(new Input(null, lease));
                if (_isLate)
                {
                    _logger.LeaseRecovered();
                }
                if (lease.Epoch > epoch)
                {
                    epoch = lease.Epoch;
                    _logger.EpochBegan(_options.ReceiverAddress, epoch);
                }
                _isLate = false;
                backoff.Reset();
                wait = _options.LeaseInterval;
            }
            catch (RpcException e) when (!cancellationToken.IsCancellationRequested)
            {
                if (!_isLate)
                {
                    _logger.LeaseFailed(LiveLog.Reason(e));
                }
                _isLate = true;
                wait = backoff.Next();
            }
            await Task.Delay(wait, _time, cancellationToken);
        }
    }
}
