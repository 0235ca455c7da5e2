using Anywire.HttpConnections.Client;
using Grpc.Core;

namespace Anywire.Grpc.Client;

/// <summary>Answers as gRPC's library gives them; a failure with the reason that it does not know.</summary>
internal sealed class ResponseStream<T>(IAsyncStreamReader<T> inner, Func<RpcException?>? whyEnded = null) : IAsyncStreamReader<T>
{
    public T Current => inner.Current;

    public Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        var next = inner.MoveNext(cancellationToken);
        return next.IsCompletedSuccessfully ? next : ExplainAsync(next);
    }

    private async Task<bool> ExplainAsync(Task<bool> next)
    {
        try
        {
            return await next;
        }
        catch (RpcException error) when (HasReason(error))
        {
            throw Explained(error);
        }
    }

    private bool HasReason(RpcException error) => whyEnded?.Invoke() is not null || UnsentException.Caused(error) || IsLost(error);

    private RpcException Explained(RpcException error) =>
        whyEnded?.Invoke() is { } problem ? new RpcException(problem.Status)
        : UnsentException.Caused(error) ? UnsentException.Marked(error)
        : new RpcException(new Status(StatusCode.Unavailable, "The connection was lost before the stream had ended.", error.Status.DebugException));

    private static bool IsLost(RpcException error) =>
        error.StatusCode is StatusCode.Internal or StatusCode.Unavailable && error.Status.DebugException is not UnsentException && Address.IsLost(error.Status.DebugException);
}
