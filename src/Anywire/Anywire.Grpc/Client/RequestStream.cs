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
        if (check(message) is not { } problem)
        {
            return inner.WriteAsync(message, cancellationToken);
        }
        _problem = problem;
        endCall();
        return Task.FromException(problem);
    }

    public Task CompleteAsync() => inner.CompleteAsync();

    /// <summary>What the call answers, or why it was ended.</summary>
    public async Task<T> ExplainAsync<T>(Task<T> answer)
    {
        try
        {
            return await answer;
        }
        catch (RpcException) when (_problem is { } problem)
        {
            throw new RpcException(problem.Status, problem.Trailers);
        }
    }

    /// <summary>As <see cref="ExplainAsync{T}"/>, for a stream of answers.</summary>
    public IAsyncStreamReader<T> Explain<T>(IAsyncStreamReader<T> answers) => new Reader<T>(this, answers);

    private sealed class Reader<T>(RequestStream<TRequest> requests, IAsyncStreamReader<T> inner) : IAsyncStreamReader<T>
    {
        public T Current => inner.Current;

        public Task<bool> MoveNext(CancellationToken cancellationToken)
        {
            var next = inner.MoveNext(cancellationToken);
            return next.IsCompletedSuccessfully ? next : requests.ExplainAsync(next);
        }
    }
}
