using Grpc.Core;

namespace Twite.Storage;

/// <summary>How failures of storage are spoken of in calls, and answers to hand-overs in storage.</summary>
public static class StorageStatus
{
    /// <summary>The status of a call that a failure of storage ended. Nothing was stored, but for
    /// <see cref="StorageFailure.Uncertain"/>: as after any UNAVAILABLE, what is idempotent can be tried again.</summary>
    public static Status ToStatus(this StorageException error) => error.Failure switch
    {
        StorageFailure.Busy => new Status(StatusCode.ResourceExhausted, "Too much is being written right now. Try again in a moment.", error),
        StorageFailure.Closed => new Status(StatusCode.Unavailable, "The service is stopping. Try again in a moment.", error),
        StorageFailure.DiskFull or StorageFailure.ReadOnly or StorageFailure.InputOutput or StorageFailure.InUse =>
            new Status(StatusCode.Unavailable, "The service cannot store anything right now. Try again later.", error),
        StorageFailure.Away or StorageFailure.Denied =>
            new Status(StatusCode.Unavailable, "The service cannot reach its data right now. Try again in a moment.", error),
        StorageFailure.Uncertain =>
            new Status(StatusCode.Unavailable, "The service lost its database in the middle: it may have been done. Look before trying again.", error),
        StorageFailure.Corrupt => new Status(StatusCode.DataLoss, "The service's data cannot be read.", error),
        _ => new Status(StatusCode.Internal, "The service's data cannot be used.", error),
    };

    /// <summary>What the failure of an event's hand-over means for the event.</summary>
    public static HandOver ToHandOver(this RpcException error) => error.StatusCode switch
    {
        StatusCode.Unavailable or StatusCode.DeadlineExceeded or StatusCode.ResourceExhausted or StatusCode.Cancelled =>
            HandOver.Away(Reason(error.Status)),
        StatusCode.InvalidArgument or StatusCode.NotFound or StatusCode.FailedPrecondition or StatusCode.OutOfRange or StatusCode.AlreadyExists =>
            HandOver.Refused(Reason(error.Status)),
        // UNIMPLEMENTED and PERMISSION_DENIED too: a proxy that starts, a receiver or a certificate that is older yet. Nothing is wrong with the event.
        _ => HandOver.Failed(Reason(error.Status)),
    };

    // It stands within sentences of the log.
    private static string Reason(Status status) => status.Detail.Length == 0 ? status.StatusCode.ToString() : $"{status.StatusCode}: {status.Detail.TrimEnd('.')}";
}
