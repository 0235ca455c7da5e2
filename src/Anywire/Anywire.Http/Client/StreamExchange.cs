using Grpc.Core;

namespace Anywire.Http.Client;

/// <summary>One call with a stream of replies.</summary>
internal sealed class StreamExchange<TRequest, TResponse>(MethodCalls<TRequest, TResponse> calls, in CallOptions options)
    : HttpExchange(options, calls.Client), IAsyncStreamReader<TResponse>
    where TRequest : class
    where TResponse : class
{
    private readonly CallOptions _options = options;
    private Task<ReplyParts<TResponse>>? _opening;
    private TResponse? _current;
    private int _isMoving;
    private volatile bool _isAbandoned;

    public TResponse Current => _current ?? throw new InvalidOperationException("There is no current message: the stream has not begun, or has ended.");

    public AsyncServerStreamingCall<TResponse> Start(TRequest request)
    {
        _opening = OpenAsync(request);
        return new AsyncServerStreamingCall<TResponse>(
            this,
            static e => ((HttpExchange)e).GetHeadersAsync(),
            static e => ((HttpExchange)e).GetStatus(),
            static e => ((HttpExchange)e).GetTrailers(),
            static e => ((HttpExchange)e).Dispose(),
            this);
    }

    public async Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _isMoving, 1) != 0)
        {
            throw new InvalidOperationException("The move before has not ended: await each MoveNext.");
        }
        try
        {
            // A reader that gives up waiting gives up the call.
            await using var cancel = cancellationToken.UnsafeRegister(static l => ((CallLifetime)l!).Cancel(), Lifetime);
            var parts = await _opening!;
            if (await parts.MoveNextAsync(Lifetime.Token))
            {
                _current = parts.Current;
                return true;
            }
            _current = null;
            await parts.DisposeAsync();
            End(Status.DefaultSuccess, parts.Trailers);
            return false;
        }
        catch (Exception error)
        {
            _current = null;
            var failure = calls.Client.Failures.Of(error, Lifetime);
            if (_opening is { IsCompletedSuccessfully: true })
            {
                await (await _opening).DisposeAsync();
            }
            End(failure.Status, failure.Trailers);
            throw failure;
        }
        finally
        {
            Interlocked.Exchange(ref _isMoving, 0);
            if (_isAbandoned)
            {
                await EndAbandonedAsync();
            }
        }
    }

    protected override void Abandon()
    {
        _isAbandoned = true;
        _ = EndAbandonedAsync();
    }

    private async Task EndAbandonedAsync()
    {
        await ((Task)_opening!).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        // Whoever is moving comes here himself when he is done.
        if (HasEnded || Interlocked.Exchange(ref _isMoving, 1) != 0)
        {
            return;
        }
        if (!HasEnded)
        {
            await (await _opening!).DisposeAsync();
            End(Lifetime.EarlyEnd, null);
        }
        Interlocked.Exchange(ref _isMoving, 0);
    }

    private async Task<ReplyParts<TResponse>> OpenAsync(TRequest request)
    {
        try
        {
            Lifetime.Token.ThrowIfCancellationRequested();
            using var message = calls.Create(request);
            AddHead(message, _options, calls.Client.Time, calls.AcceptMany);
            var response = await calls.Client.SendAsync(message, Lifetime.Token);
            // Whoever cancels need not be reading.
            Lifetime.Token.UnsafeRegister(static r => ((HttpResponseMessage)r!).Dispose(), response);
            try
            {
                HasHeaders(ResponseMetadata.Headers(response));
                return response.IsSuccessStatusCode
                    ? await calls.OpenAsync(response, Lifetime.Token)
                    : throw await calls.Client.Failures.OfAsync(response, Lifetime.Token);
            }
            catch
            {
                response.Dispose();
                throw;
            }
        }
        catch (Exception error)
        {
            var failure = calls.Client.Failures.Of(error, Lifetime);
            End(failure.Status, failure.Trailers);
            throw failure;
        }
    }
}
