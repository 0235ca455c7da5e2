using System.Diagnostics;
using Anywire.Diagnostics;
using Grpc.Core;

namespace Anywire.Client;

/// <summary>One unary call with the attempts it takes. Status, headers and trailers are those of the last attempt.</summary>
internal sealed class RetryingCall<TRequest, TResponse>
    where TRequest : class
    where TResponse : class
{
    private readonly ClientInvoker _client;
    private readonly Method<TRequest, TResponse> _method;
    private readonly MethodContract _contract;
    private readonly string? _host;
    private readonly CallOptions _options;
    private readonly TRequest _request;
    private readonly Activity? _span;
    private readonly Task<TResponse> _response;
    private volatile AsyncUnaryCall<TResponse> _attempt;
    private volatile RpcException? _gaveUp;
    private CancellationTokenSource? _disposed;

    private RetryingCall(
        ClientInvoker client, Method<TRequest, TResponse> method, MethodContract contract, string? host, CallOptions options, TRequest request,
        Activity? span, long startedAt, AsyncUnaryCall<TResponse> first)
    {
        (_client, _method, _contract, _host, _options, _request, _span, _attempt) = (client, method, contract, host, options, request, span, first);
        _response = RunAsync(startedAt);
    }

    // Few calls need it: made for them only.
    private CancellationTokenSource Disposed => LazyInitializer.EnsureInitialized(ref _disposed);

    public static AsyncUnaryCall<TResponse> Start(
        ClientInvoker client, Method<TRequest, TResponse> method, MethodContract contract, string? host, CallOptions options, TRequest request,
        Activity? span, long startedAt, AsyncUnaryCall<TResponse> first)
    {
        var call = new RetryingCall<TRequest, TResponse>(client, method, contract, host, options, request, span, startedAt, first);
        return new AsyncUnaryCall<TResponse>(
            call._response,
            static c => ((RetryingCall<TRequest, TResponse>)c).GetHeadersAsync(),
            static c => ((RetryingCall<TRequest, TResponse>)c).GetStatus(),
            static c => ((RetryingCall<TRequest, TResponse>)c).GetTrailers(),
            static c => ((RetryingCall<TRequest, TResponse>)c).Dispose(),
            call);
    }

    private async Task<TResponse> RunAsync(long startedAt)
    {
        var status = StatusCode.Unknown;
        var mayHaveRun = false;
        try
        {
            for (var number = 1; ; number++)
            {
                TimeSpan? wait;
                try
                {
                    var response = await _attempt.ResponseAsync;
                    status = StatusCode.OK;
                    return response;
                }
                catch (RpcException error)
                {
                    status = error.StatusCode;
                    // Who gave the call up meanwhile is told so instead of waiting.
                    wait = _client.Retry.NextWait(error, _contract, number, _options.Deadline ?? DateTime.MaxValue);
                    RemoteFailure.Mark(error, _method);
                    if (wait is null)
                    {
                        if (mayHaveRun && NotExecuted.IsMarked(error))
                        {
                            throw _gaveUp = RemoteFailure.Mark(NotExecuted.Unmarked(error), _method);
                        }
                        throw;
                    }
                    mayHaveRun |= !NotExecuted.IsMarked(error);
                }
                status = StatusCode.Cancelled;
                await WaitAsync(wait.Value);
                CallMetrics.Retries.Count(_method, _client.Wire);
                _attempt = _client.Next.AsyncUnaryCall(_method, _host, _options, _request);
                if (Disposed.IsCancellationRequested)
                {
                    _attempt.Dispose();
                }
            }
        }
        finally
        {
            _client.Record(_method, status, startedAt);
            if (_span is not null)
            {
                AnywireDiagnostics.Finish(_span, status);
            }
        }
    }

    private async Task WaitAsync(TimeSpan wait)
    {
        try
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(Disposed.Token, _options.CancellationToken);
            await Task.Delay(wait, _client.Time, either.Token);
        }
        catch (OperationCanceledException)
        {
            throw _gaveUp = RemoteFailure.Mark(
                new RpcException(new Status(StatusCode.Cancelled, "The call was cancelled while it waited to be tried again.")), _method);
        }
    }

    private async Task<Metadata> GetHeadersAsync()
    {
        var attempt = _attempt;
        try
        {
            var headers = await attempt.ResponseHeadersAsync;
            // What may be tried again is final only at its end: some wires have headers for a failure too.
            if (headers.Count > 0 && !_contract.IsIdempotent)
            {
                return headers;
            }
        }
        catch (RpcException)
        {
            // Perhaps another attempt has some.
        }
        // None: either the handler sent none, or this attempt has failed. The end tells.
        await ((Task)_response).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return await _attempt.ResponseHeadersAsync;
    }

    private Status GetStatus() => !_response.IsCompleted
        ? throw new InvalidOperationException("The call has not ended, so it has no status yet: await its reply first.")
        : _gaveUp?.Status ?? _attempt.GetStatus();

    private Metadata GetTrailers() => !_response.IsCompleted
        ? throw new InvalidOperationException("The call has not ended, so it has no trailers yet: await its reply first.")
        : _gaveUp?.Trailers ?? _attempt.GetTrailers();

    private void Dispose()
    {
        Disposed.Cancel();
        _attempt.Dispose();
    }
}
