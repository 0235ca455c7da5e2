using System.Collections.Concurrent;
using Anywire;
using Microsoft.Extensions.Logging;
using Twite.Contracts;
using Twite.Storage;

namespace Twite.Notifications.LiveUpdates;

/// <summary>Tells all front ends under a lease what happened, at once and best effort. Sending waits for nobody. Any thread may use it.</summary>
internal sealed class LiveSender(
    LeasesStore store, IServiceDirectory directory, NotificationsOptions options, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    private const int MaxInstanceLength = 64;

    private readonly ConcurrentDictionary<string, FrontEnd> _frontEnds = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stopping = new();
    private Task _ticking = Task.CompletedTask;

    // Where several instances send, each has a name; where there is one, its epochs continue those before its restart.
    private long _sender;

    /// <summary>Takes up the leases that were made before a restart, under new epochs, and begins to tick.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _sender = store.IsShared ? await store.BeginEpochAsync(cancellationToken) : 0;
        foreach (var lease in await store.KeepLiveAsync(cancellationToken))
        {
            await TakeUpAsync(lease, cancellationToken);
        }
        _ticking = Task.Run(TickAsync, CancellationToken.None);
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
        if (_frontEnds.TryGetValue(instance, out var known) && known.Address == address && !known.HasLapsed)
        {
            await store.RenewAsync(instance, address, time.GetUtcNow() + options.LeaseTime, cancellationToken);
            return known.Renew(options.LeaseTime);
        }
        if (_frontEnds.Count >= options.MaxLeases && !_frontEnds.ContainsKey(instance))
        {
            throw RpcErrors.TooMany($"There are {options.MaxLeases} front ends already. Stop some, or allow more.", options.LeaseTime);
        }
        FrontEnd made;
        try
        {
            made = await BeginAsync(instance, address, options.LeaseTime, cancellationToken);
        }
        catch (FormatException e)
        {
            throw RpcErrors.InvalidArgument("receiver_address", "ADDRESS", $"The front end cannot be reached at \"{address}\": {e.Message}");
        }
        await store.RenewAsync(instance, address, time.GetUtcNow() + options.LeaseTime, cancellationToken);
        return made.Renew(options.LeaseTime);
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
        var receiver = new LiveUpdatesService.LiveUpdatesServiceClient(directory.ConnectTo("web", Endpoint.Parse(address)));
        var made = new FrontEnd(instance, address, _sender, await store.BeginEpochAsync(cancellationToken), receiver, time, logger);
        made.Renew(lasts);
        // Of two that were made at once the later stays.
        var kept = _frontEnds.AddOrUpdate(instance, made, (_, other) => other.Epoch > made.Epoch ? other : made);
        logger.LeaseBegan(instance, address, kept.Epoch);
        return kept;
    }

    private async Task TakeUpAsync(StoredLease lease, CancellationToken cancellationToken)
    {
        var lasts = DateTimeOffset.FromUnixTimeMilliseconds(lease.ExpiresAtMs) - time.GetUtcNow();
        if (lasts > options.LeaseTime)
        {
            lasts = options.LeaseTime;
        }
        try
        {
            if (_frontEnds.TryGetValue(lease.Instance, out var known) && known.Address == lease.Address && !known.HasLapsed)
            {
                known.Renew(lasts);
            }
            else if (lasts > TimeSpan.Zero)
            {
                await BeginAsync(lease.Instance, lease.Address, lasts, cancellationToken);
            }
        }
        catch (FormatException e)
        {
            logger.LeaseUnusable(lease.Instance, lease.Address, e.Message);
        }
    }

    // A front end holds one lease, at whichever instance it asks; all of them send to it.
    private async Task TakeUpOthersAsync()
    {
        try
        {
            foreach (var lease in store.List())
            {
                await TakeUpAsync(lease, _stopping.Token);
            }
        }
        catch (StorageException e)
        {
            logger.LeasesUnknown(e.Message);
        }
    }

    private async Task TickAsync()
    {
        using var timer = new PeriodicTimer(options.TickInterval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stopping.Token))
            {
                if (store.IsShared)
                {
                    await TakeUpOthersAsync();
                }
                foreach (var lease in _frontEnds)
                {
                    if (lease.Value.HasLapsed)
                    {
                        _frontEnds.TryRemove(lease);
                        logger.LeaseLapsed(lease.Key, lease.Value.Address);
                    }
                    else
                    {
                        lease.Value.Tick();
                    }
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }
        catch (Exception e)
        {
            logger.TickFailed(e);
        }
    }
}
