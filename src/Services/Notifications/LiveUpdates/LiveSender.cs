using System.Collections.Concurrent;
using Anywire;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Twite.Contracts;
using Twite.Storage;

namespace Twite.Notifications.LiveUpdates;

/// <summary>Tells all front ends under a lease what happened, at once and best effort. Sending waits for nobody. Any thread may use it.</summary>
/// <param name="sender">Where several instances send, each has a name; 0 where there is one, whose epochs continue those before its restart.</param>
/// <param name="store">The leases.</param>
/// <param name="directory">The ways to front ends.</param>
/// <param name="options">The settings.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Where to say what goes wrong.</param>
internal sealed class LiveSender(
    long sender, LeasesStore store, IServiceDirectory directory, NotificationsOptions options, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    private const int MaxInstanceLength = 64;

    // By their addresses, each of which is one front end's. Were it told under two epochs, that of an instance which is gone might be the larger: the numbers of the other,
    // and the holes in them, would be ignored there.
    private readonly ConcurrentDictionary<string, FrontEnd> _frontEnds = new(StringComparer.Ordinal);
    private readonly LeaseAges _ages = new(options.LeaseTime, time);
    private readonly CancellationTokenSource _stopping = new();
    private Task _ticking = Task.CompletedTask;

    /// <summary>Takes up the leases that were made before a restart, under new epochs, and begins to tick.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (!store.IsShared)
        {
            // By the clock that they were made by.
            await store.ForgetExpiredAsync(cancellationToken);
        }
        await TakeUpAsync(cancellationToken);
        _ticking = Task.Run(KeepTickingAsync, CancellationToken.None);
    }

    /// <summary>Makes or renews a lease.</summary>
    /// <exception cref="Grpc.Core.RpcException">INVALID_ARGUMENT for an address that no wire carries or a name that is none;
    /// RESOURCE_EXHAUSTED when there are too many front ends.</exception>
    public async Task<RenewLeaseReply> RenewAsync(RenewLeaseRequest request, CancellationToken cancellationToken)
    {
        var (instance, address) = (request.Instance, request.ReceiverAddress);
        if (instance.Length is 0 or > MaxInstanceLength || instance.Any(c => !char.IsAscii(c) || char.IsControl(c)))
        {
            throw RpcErrors.InvalidArgument("instance", "NAME", $"A front end names itself by 1 to {MaxInstanceLength} characters of ASCII.");
        }
        if (!_frontEnds.TryGetValue(address, out var frontEnd) || frontEnd.HasLapsed)
        {
            if (frontEnd is null && _frontEnds.Count >= options.MaxLeases)
            {
                throw RpcErrors.TooMany($"There are {options.MaxLeases} front ends already. Stop some, or allow more.", options.LeaseTime);
            }
            try
            {
                frontEnd = await BeginAsync(instance, address, options.LeaseTime, cancellationToken);
            }
            catch (FormatException e)
            {
                throw RpcErrors.InvalidArgument("receiver_address", "ADDRESS", $"The front end cannot be reached at \"{address}\": {e.Message}");
            }
        }
        var lease = new StoredLease(instance, address, (time.GetUtcNow() + options.LeaseTime).ToUnixTimeMilliseconds());
        await store.RenewAsync(lease, cancellationToken);
        _ages.LeftOf(lease);
        return frontEnd.Renew(instance, options.LeaseTime);
    }

    /// <summary>Tells all front ends.</summary>
    public void Send(LiveUpdate update)
    {
        foreach (var (_, frontEnd) in _frontEnds)
        {
            frontEnd.Send(update);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _ticking;
        _stopping.Dispose();
    }

    private async Task<FrontEnd> BeginAsync(string instance, string address, TimeSpan lasts, CancellationToken cancellationToken)
    {
        var endpoint = Endpoint.Parse(address);
        CallInvoker Receiver() => directory.ConnectTo("web", endpoint);
        // Whoever cannot be called gets no lease.
        _ = Receiver();
        var made = new FrontEnd(instance, address, sender, await store.BeginEpochAsync(cancellationToken), Receiver, time, logger);
        made.Renew(instance, lasts);
        // Of two that were made at once the later stays.
        var kept = _frontEnds.AddOrUpdate(address, made, (_, other) => other.Epoch > made.Epoch ? other : made);
        logger.LeaseBegan(instance, address, kept.Epoch);
        return kept;
    }

    // A front end holds one lease, at whichever instance it asks; all of them send to it.
    private async Task TakeUpAsync(CancellationToken cancellationToken)
    {
        var leases = store.List();
        _ages.Keep(leases);
        var lapsed = new List<StoredLease>();
        foreach (var lease in leases)
        {
            if (_ages.LeftOf(lease) is var left && left > TimeSpan.Zero)
            {
                await TakeUpAsync(lease, left, cancellationToken);
            }
            else
            {
                lapsed.Add(lease);
            }
        }
        if (lapsed.Count > 0)
        {
            await store.ForgetAsync(lapsed, cancellationToken);
        }
    }

    private async Task TakeUpAsync(StoredLease lease, TimeSpan lasts, CancellationToken cancellationToken)
    {
        try
        {
            if (_frontEnds.TryGetValue(lease.Address, out var known) && !known.HasLapsed)
            {
                known.Renew(lease.Instance, lasts);
            }
            else
            {
                await BeginAsync(lease.Instance, lease.Address, lasts, cancellationToken);
            }
        }
        catch (FormatException e)
        {
            logger.LeaseUnusable(lease.Instance, lease.Address, e.Message);
        }
    }

    private async Task KeepTickingAsync()
    {
        using var timer = new PeriodicTimer(options.TickInterval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stopping.Token))
            {
                try
                {
                    await TickAsync();
                }
                catch (Exception e) when (!_stopping.IsCancellationRequested)
                {
                    // Whatever it is, the next ticks must not wait for a restart.
                    logger.TickFailed(e);
                }
            }
        }
        catch (Exception) when (_stopping.IsCancellationRequested)
        {
            // Stopped.
        }
    }

    private async Task TickAsync()
    {
        if (store.IsShared)
        {
            await TryAsync(TakeUpAsync);
        }
        var lapsed = false;
        foreach (var lease in _frontEnds)
        {
            if (lease.Value.HasLapsed)
            {
                lapsed |= _frontEnds.TryRemove(lease);
                logger.LeaseLapsed(lease.Value.Instance, lease.Key);
            }
            else
            {
                lease.Value.Tick();
            }
        }
        if (lapsed && !store.IsShared)
        {
            await TryAsync(store.ForgetExpiredAsync);
        }
    }

    private async Task TryAsync(Func<CancellationToken, Task> work)
    {
        try
        {
            await work(_stopping.Token);
        }
        catch (StorageException e)
        {
            logger.LeasesUnknown(e.Message);
        }
    }
}
