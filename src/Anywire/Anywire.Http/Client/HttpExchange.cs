using Anywire.Http.Mapping;
using Grpc.Core;

namespace Anywire.Http.Client;

/// <summary>What is the same for every kind of call: the request's head, the wait for the answer's, and how the call ended.</summary>
internal abstract class HttpExchange : IDisposable
{
    private readonly CancellationTokenRegistration _whenClosed;
    private TaskCompletionSource<Metadata>? _headersAsked;
    private Metadata? _headers;
    private volatile bool _ended;

    protected HttpExchange(in CallOptions options, HttpCalls client)
    {
        Lifetime = new CallLifetime(options.Deadline ?? DateTime.MaxValue, client.Time, options.CancellationToken);
        _whenClosed = client.Closed.UnsafeRegister(
            static l => ((CallLifetime)l!).End(new Status(StatusCode.Cancelled, "The client was closed.")), Lifetime);
    }

    protected CallLifetime Lifetime { get; }

    protected bool HasEnded => _ended;

    private Status Status { get; set; }

    private Metadata? Trailers { get; set; }

    public Status GetStatus() => _ended ? Status : throw NotEnded("status");

    public Metadata GetTrailers() => _ended ? Trailers ??= [] : throw NotEnded("trailers");

    /// <summary>The response's headers once they are there; empty when the call ended without any.</summary>
    public Task<Metadata> GetHeadersAsync()
    {
        if (Volatile.Read(ref _headers) is { } headers)
        {
            return Task.FromResult(headers);
        }
        var made = new TaskCompletionSource<Metadata>(TaskCreationOptions.RunContinuationsAsynchronously);
        var asked = Interlocked.CompareExchange(ref _headersAsked, made, null) ?? made;
        if (Volatile.Read(ref _headers) is { } meanwhile)
        {
            asked.TrySetResult(meanwhile);
        }
        return asked.Task;
    }

    public void Dispose()
    {
        if (!_ended)
        {
            Lifetime.Cancel();
            Abandon();
        }
    }

    /// <summary>Its caller has disposed the call before its end: ends it where nobody else will.</summary>
    protected virtual void Abandon()
    {
    }

    /// <summary>Puts deadline and metadata into a request's head.</summary>
    protected static void AddHead(HttpRequestMessage request, in CallOptions options, TimeProvider time, string accept)
    {
        request.Headers.TryAddWithoutValidation("accept", accept);
        if (options.Deadline is { } deadline && deadline != DateTime.MaxValue)
        {
            request.Headers.TryAddWithoutValidation(GrpcTimeout.Header, GrpcTimeout.Format(deadline - time.GetUtcNow().UtcDateTime));
        }
        foreach (var entry in options.Headers ?? [])
        {
            if (!MetadataHeaders.IsReserved(entry.Key))
            {
                request.Headers.TryAddWithoutValidation(entry.Key, MetadataHeaders.ValueOf(entry));
            }
        }
    }

    protected void HasHeaders(Metadata headers)
    {
        if (Interlocked.CompareExchange(ref _headers, headers, null) is null)
        {
            Volatile.Read(ref _headersAsked)?.TrySetResult(headers);
        }
    }

    /// <summary>The call has ended for its caller.</summary>
    protected void End(Status status, Metadata? trailers)
    {
        (Status, Trailers) = (status, trailers);
        _ended = true;
        HasHeaders([]);
        _whenClosed.Unregister();
        Lifetime.Dispose();
    }

    private static InvalidOperationException NotEnded(string what) => new($"The call has not ended, so it has no {what} yet: await its reply first.");
}
