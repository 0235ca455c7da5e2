using Grpc.Core;
using Twite.Contracts;

namespace Twite.Web.Tests.Network;

/// <summary>The sender of live updates as far as a front end sees it: leases, epochs and numbers. What is sent goes where the test says.</summary>
internal sealed class FakeNotifications : NotificationsService.NotificationsServiceBase
{
    private readonly Lock _gate = new();
    private long _epoch = 1;
    private long _number;

    public bool IsDown { get; set; }

    public RenewLeaseRequest? Lease { get; private set; }

    public int Renewals { get; private set; }

    public void BeginEpoch()
    {
        lock (_gate)
        {
            _epoch++;
            _number = 0;
        }
    }

    /// <summary>Numbers an update.</summary>
    public LiveUpdate Number(LiveUpdate update)
    {
        lock (_gate)
        {
            (update.Epoch, update.Number) = (_epoch, update.WhatCase == LiveUpdate.WhatOneofCase.Tick ? _number : ++_number);
            return update;
        }
    }

    public LiveUpdate Number(LivePost post) => Number(new LiveUpdate { Posted = post });

    public LiveUpdate Number(LiveDeletion deletion) => Number(new LiveUpdate { Deleted = deletion });

    public LiveUpdate Tick() => Number(new LiveUpdate { Tick = new Tick() });

    public override Task<RenewLeaseReply> RenewLease(RenewLeaseRequest request, ServerCallContext context)
    {
        lock (_gate)
        {
            Renewals++;
            if (IsDown)
            {
                throw new RpcException(new Status(StatusCode.Unavailable, "Notifications is down."));
            }
            Lease = request;
            return Task.FromResult(new RenewLeaseReply { Epoch = _epoch, LastNumber = _number });
        }
    }
}
