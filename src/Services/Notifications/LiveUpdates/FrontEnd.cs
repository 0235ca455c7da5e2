using Grpc.Core;
using Microsoft.Extensions.Logging;
using Twite.Contracts;

namespace Twite.Notifications.LiveUpdates;

/// <summary>A front end under a lease: numbers its updates and sends them, best effort. Any thread may use it.</summary>
/// <param name="instance">What it calls itself; after it was restarted, something else.</param>
/// <param name="address">Where it receives.</param>
/// <param name="sender">Who sends, of several.</param>
/// <param name="epoch">What the numbers belong to.</param>
/// <param name="receiver">Gives the way to it, which is kept open for those in use.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Where to say what goes wrong.</param>
internal sealed class FrontEnd(
    string instance, string address, long sender, long epoch, Func<CallInvoker> receiver, TimeProvider time, ILogger logger)
{
    private readonly Lock _gate = new();
    private volatile string _instance = instance;
    private long _number;
    private long _renewedAt = time.GetTimestamp();
    private TimeSpan _lasts;

    public string Instance => _instance;

    public string Address { get; } = address;

    public long Epoch { get; } = epoch;

    public bool HasLapsed
    {
        get
        {
            lock (_gate)
            {
                return time.GetElapsedTime(_renewedAt) > _lasts;
            }
        }
    }

    /// <summary>The lease lasts at least so long from now. Whoever is at the address may have been restarted: to a new one the numbers are as good.</summary>
    public RenewLeaseReply Renew(string instance, TimeSpan lasts)
    {
        lock (_gate)
        {
            _instance = instance;
            if (time.GetElapsedTime(_renewedAt) + lasts > _lasts)
            {
                (_renewedAt, _lasts) = (time.GetTimestamp(), lasts);
            }
            return new RenewLeaseReply { Epoch = Epoch, LastNumber = _number, Sender = sender };
        }
    }

    /// <summary>Sends the next update; what cannot be sent leaves a hole in the numbers, which the front end finds.</summary>
    public void Send(LiveUpdate update)
    {
        lock (_gate)
        {
            Push(update.Clone(), ++_number);
        }
    }

    /// <summary>Says which number was the last.</summary>
    public void Tick()
    {
        lock (_gate)
        {
            Push(new LiveUpdate { Tick = new Tick() }, _number);
        }
    }

    // Under the lock, so that updates leave in the order of their numbers; the wire's queue takes them without waiting.
    private void Push(LiveUpdate update, long number)
    {
        (update.Sender, update.Epoch, update.Number) = (sender, Epoch, number);
        try
        {
            _ = new LiveUpdatesService.LiveUpdatesServiceClient(receiver()).PushAsync(update);
        }
        catch (Exception e) when (e is RpcException or InvalidOperationException)
        {
            logger.PushFailed(_instance, e.Message);
        }
    }
}
