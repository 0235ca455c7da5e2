using Anywire.HttpConnections.Client;
using Grpc.Core;

namespace Anywire.Grpc.Client;

/// <summary>Refuses a message that is too large before anything of it is sent, and ends the call, which would be incomplete without it: whoever
/// waits for its replies learns the same reason.</summary>
internal sealed class RequestStream<TRequest>(IClientStreamWriter<TRequest> inner, Func<TRequest, RpcException?> check, Action endCall)
    : IClientStreamWriter<TRequest>
    where TRequest : class
{
    private volatile RpcException? _problem;

    /// <summary>Why the call was ended; null when it was not.</summary>
    public RpcException? Problem => _problem;

    public WriteOptions? WriteOptions
    {
        get => inner.WriteOptions;
        set => inner.WriteOptions = value;
    }

    public Task WriteAsync(TRequest message) => WriteAsync(message, CancellationToken.None);

    public Task WriteAsync(TRequest message, CancellationToken cancellationToken)
    {
        if (check(message) is { } problem)
        {
            _problem = problem;
            endCall();
            return Task.FromException(problem);
        }
        var written = inner.WriteAsync(message, cancellationToken);
        return written.IsCompletedSuccessfully ? written : ExplainAsync(written);
    }

    public Task CompleteAsync() => inner.CompleteAsync();

    /// <summary>What the call answers, or why it was ended.</summary>
    public async Task<T> ExplainAsync<T>(Task<T> answer)
    {
        try
        {
            return await answer;
        }
        catch (RpcException error) when (HasReason(error))
        {
            throw Explained(error);
        }
    }

    private async Task ExplainAsync(Task written)
    {
        try
        {
            await written;
        }
        catch (RpcException error) when (HasReason(error))
        {
            throw Explained(error);
        }
    }

    private bool HasReason(RpcException error) => _problem is not null || UnsentException.Caused(error);

    private RpcException Explained(RpcException error) =>
        _problem is { } problem ? new RpcException(problem.Status) : UnsentException.Marked(error);
}
