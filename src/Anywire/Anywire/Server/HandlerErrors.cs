using System.Diagnostics;
using Anywire.Identity;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Anywire.Server;

/// <summary>Turns whatever a handler throws into what its caller may know: status, message and details of an error it meant; nothing of
/// one it did not.</summary>
internal sealed class HandlerErrors(ILogger logger, TimeProvider time)
{
    // Timers tick in coarser steps than the clock: a token that the deadline cancelled may be a little early by the clock.
    private static readonly TimeSpan TimerTolerance = TimeSpan.FromMilliseconds(20);

    public RpcException ForCaller(Exception error, IMethod method, ServerCallContext context) => error switch
    {
        RpcException meant when RemoteFailure.MethodOf(meant) is { } dependency => OfDependency(meant, dependency, method),
        RpcException meant => Meant(meant, method, context),
        OperationCanceledException when IsTooLate(context) =>
            new RpcException(new Status(StatusCode.DeadlineExceeded, "The deadline passed while the call was being handled.")),
        OperationCanceledException when context.CancellationToken.IsCancellationRequested =>
            new RpcException(new Status(StatusCode.Cancelled, "The call was cancelled.")),
        _ => Unexpected(error, method),
    };

    private bool IsTooLate(ServerCallContext context) =>
        context.Deadline != DateTime.MaxValue && context.Deadline - TimerTolerance <= time.GetUtcNow().UtcDateTime;

    // Without its cause, and without a mark that the handler's own call got: this handler has run.
    private RpcException Meant(RpcException error, IMethod method, ServerCallContext context)
    {
        if (error.StatusCode == StatusCode.PermissionDenied)
        {
            logger.Denied(method.FullName, PeerIdentity.DescriptionOf(context), error.Status.Detail);
        }
        // Those of the context come with every end: an error that was made with them would bring them once more, in the middle of their being read.
        var isOfContext = ReferenceEquals(error.Trailers, context.ResponseTrailers);
        if (error.Status.DebugException is null && !NotExecuted.IsMarked(error) && !isOfContext)
        {
            return error;
        }
        return new RpcException(new Status(error.StatusCode, error.Status.Detail), isOfContext ? [] : NotExecuted.Unmarked(error.Trailers));
    }

    private RpcException OfDependency(RpcException error, string dependency, IMethod method)
    {
        logger.DependencyFailed(method.FullName, dependency, error.StatusCode.ToString(), error.Status.Detail);
        // Only what says "later" or "too late" keeps its code; NOT_FOUND of someone else's method would be a lie about this one.
        var code = error.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded or StatusCode.ResourceExhausted or StatusCode.Cancelled
            ? error.StatusCode
            : StatusCode.Internal;
        return new RpcException(new Status(code, "A service that this call depends on could not do its part. Try again in a moment."));
    }

    private RpcException Unexpected(Exception error, IMethod method)
    {
        logger.HandlerFailed(error, method.FullName);
        var trace = Activity.Current?.TraceId.ToHexString();
        return new RpcException(new Status(
            StatusCode.Unknown, "The service failed to handle the call. Its log says why" + (trace is null ? "." : $", under trace {trace}.")));
    }
}
