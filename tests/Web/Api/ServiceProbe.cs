using System.Collections.Concurrent;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.AspNetCore.Http;

namespace Twite.Web.Tests.Api;

/// <summary>Sits before every call that the front end makes: counts it, and has it fail when a test says so. Any thread.</summary>
internal sealed class ServiceProbe : Interceptor
{
    private readonly ConcurrentDictionary<string, Exception> _failures = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _hanging = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<(string Value, string Method)> _calls = new();
    private readonly HttpContextAccessor _request = new();

    /// <summary>The header of a request whose calls are told from those of others.</summary>
    public const string Counted = "X-Counted";

    /// <summary>The methods called for requests since the last <see cref="Forget"/>, by their short names. What the live feed calls on its own
    /// (changes, and the people of an update that is still on its way from an earlier test) is left out: no request waits for it.</summary>
    public IReadOnlyList<string> Calls => [.. _calls.Select(c => c.Method)];

    public void Forget() => _calls.Clear();

    /// <summary>The same for the requests with a value of <see cref="Counted"/> alone: what the live feed calls for a post may still run in the flow of that post's
    /// request.</summary>
    public IReadOnlyList<string> CallsOf(string value) => [.. _calls.Where(c => c.Value == value).Select(c => c.Method)];

    /// <summary>Has a method fail until the result is disposed.</summary>
    public IDisposable Fail(string method, Exception failure)
    {
        _failures[method] = failure;
        return new Repair(() => _failures.TryRemove(method, out _));
    }

    /// <summary>Has a method take calls and answer none, until the result is disposed: they end at their deadline, or after the 3 s that methods have.</summary>
    public IDisposable Hang(string method)
    {
        _hanging[method] = true;
        return new Repair(() => _hanging.TryRemove(method, out _));
    }

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncUnaryCallContinuation<TRequest, TResponse> continuation)
    {
        var method = context.Method.Name;
        if (ValueNow() is { } value)
        {
            _calls.Enqueue((value, method));
        }
        if (_hanging.ContainsKey(method))
        {
            return Answering(HangAsync<TResponse>(context.Options));
        }
        return _failures.TryGetValue(method, out var failure)
            ? Answering(Task.FromException<TResponse>(failure))
            : continuation(request, context);
    }

    private static AsyncUnaryCall<TResponse> Answering<TResponse>(Task<TResponse> answer) =>
        new(answer, Task.FromResult(Metadata.Empty), () => Status.DefaultCancelled, () => Metadata.Empty, () => { });

    private static async Task<TResponse> HangAsync<TResponse>(CallOptions options)
    {
        var left = (options.Deadline - TimeProvider.System.GetUtcNow().UtcDateTime) ?? TimeSpan.FromSeconds(3);
        await Task.Delay(left > TimeSpan.Zero ? left : TimeSpan.Zero, TimeProvider.System, options.CancellationToken)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        throw new RpcException(new Status(StatusCode.DeadlineExceeded, "It hangs."));
    }

    private string? ValueNow()
    {
        try
        {
            return _request.HttpContext is { } now ? now.Request.Headers[Counted].ToString() : null;
        }
        catch (ObjectDisposedException)
        {
            // A request that has just ended.
            return null;
        }
    }

    private sealed class Repair(Action repair) : IDisposable
    {
        public void Dispose() => repair();
    }
}
