using System.Diagnostics;
using Anywire.Diagnostics;
using Anywire.Identity;
using Grpc.Core;

namespace Anywire.Client;

/// <summary>What every call passes on its way to the wire, on every wire: the contract's deadline, trace context, retry, best effort.</summary>
internal sealed class ClientInvoker(
    CallInvoker next, TransportTraits traits, ContractTable contracts, RetryPolicy retry, BestEffortQueue bestEffort, TimeProvider time, string? claim)
    : AsyncInvoker, IAttempts
{
    private readonly IRepeatingInvoker? _repeating = next as IRepeatingInvoker;

    // What most calls on a plain wire send, and nobody changes.
    private readonly Metadata? _claimAlone = claim is null ? null : new Metadata { { PeerIdentity.ClaimKey, claim } };

    public CallInvoker Next => next;

    public RetryPolicy Retry => retry;

    public TimeProvider Time => time;

    public string Wire => traits.Name;

    public bool SharesMemory => traits.SharesMemory;

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        var contract = contracts[method];
        if (contract.Delivery == Delivery.BestEffort)
        {
            bestEffort.Post(this, method, InUniversalTime(options), contract.Deadline, request);
            return CompletedCall<TResponse>.Call;
        }
        var span = AnywireDiagnostics.StartCall(ActivityKind.Client, contract.Name, default, traits.Name);
        options = Prepare(options, contract, span);
        retry.OnCall();
        if (span is null && _repeating is not null)
        {
            return _repeating.AsyncUnaryCall(method, options, request, this);
        }
        var startedAt = Now();
        var first = Begin(method, host, options, request, span);
        if (span is null && first.ResponseAsync.IsCompletedSuccessfully && !CallMetrics.ClientDuration.Enabled)
        {
            return first;
        }
        var call = RetryingCall<TRequest, TResponse>.Start(this, method, contract, host, options, request, span, startedAt, first);
        if (span is not null)
        {
            // The span lives on in the call; it must not become the parent of what its caller does next.
            Activity.Current = span.Parent;
        }
        return call;
    }

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
        StreamCalls.Watch(new StreamRecord(this, method), next.AsyncServerStreamingCall(method, host, Prepare(options, contracts[method], Activity.Current), request));

    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options) =>
        StreamCalls.Watch(new StreamRecord(this, method), next.AsyncClientStreamingCall(method, host, Prepare(options, contracts[method], Activity.Current)));

    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options) =>
        StreamCalls.Watch(new StreamRecord(this, method), next.AsyncDuplexStreamingCall(method, host, Prepare(options, contracts[method], Activity.Current)));

    /// <summary>A timestamp when durations are being recorded, 0 otherwise.</summary>
    public long Now() => CallMetrics.ClientDuration.Enabled ? time.GetTimestamp() : 0;

    public void Record(IMethod method, StatusCode status, long startedAt)
    {
        if (startedAt != 0)
        {
            CallMetrics.ClientDuration.Record(time.GetElapsedTime(startedAt), method, traits.Name, status);
        }
    }

    /// <summary>Adds what the wire needs besides: who says to be calling, and the trace it belongs to.</summary>
    public CallOptions Annotate(CallOptions options, Activity? span)
    {
        if (traits.SharesMemory || (span is null && claim is null))
        {
            return options;
        }
        if (span is null && options.Headers is null or { Count: 0 })
        {
            return options.WithHeaders(_claimAlone!);
        }
        // The caller's metadata stays the caller's: what the wire needs goes into a copy.
        var headers = new Metadata();
        foreach (var entry in options.Headers ?? [])
        {
            headers.Add(entry);
        }
        if (claim is not null)
        {
            headers.Add(PeerIdentity.ClaimKey, claim);
        }
        if (span is { IdFormat: ActivityIdFormat.W3C, Id: { } traceParent })
        {
            headers.Add(AnywireDiagnostics.TraceParentKey, traceParent);
            if (span.TraceStateString is { Length: > 0 } state)
            {
                headers.Add(AnywireDiagnostics.TraceStateKey, state);
            }
        }
        return options.WithHeaders(headers);
    }

    TimeSpan? IAttempts.Next(IMethod method, MethodContract contract, RpcException error, int attempt, DateTime deadline)
    {
        var wait = retry.NextWait(error, contract, attempt, deadline);
        RemoteFailure.Mark(error, method);
        if (wait is not null)
        {
            CallMetrics.Retries.Count(method, traits.Name);
        }
        return wait;
    }

    void IAttempts.Ended(IMethod method, StatusCode status, long startedAt) => Record(method, status, startedAt);

    private AsyncUnaryCall<TResponse> Begin<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request, Activity? span)
        where TRequest : class
        where TResponse : class
    {
        try
        {
            return next.AsyncUnaryCall(method, host, options, request);
        }
        catch (Exception) when (span is not null)
        {
            // There is no call that would end it, and it would stay what its caller does next belongs to.
            AnywireDiagnostics.Finish(span, StatusCode.Internal);
            throw;
        }
    }

    private CallOptions Prepare(CallOptions options, MethodContract contract, Activity? span)
    {
        options = options.Deadline is null ? options.WithDeadline(time.GetUtcNow().UtcDateTime + contract.Deadline) : InUniversalTime(options);
        // Also without a span of our own, somebody else's context travels on.
        return Annotate(options, span ?? Activity.Current);
    }

    // The same moment on every wire, whatever clock it was read from. One that does not say is read as UTC, as most wires do and as gRPC asks for.
    private static CallOptions InUniversalTime(CallOptions options) => options.Deadline switch
    {
        { Kind: DateTimeKind.Local } local => options.WithDeadline(local.ToUniversalTime()),
        { Kind: DateTimeKind.Unspecified } bare => options.WithDeadline(DateTime.SpecifyKind(bare, DateTimeKind.Utc)),
        _ => options,
    };
}
