using System.Diagnostics;
using Anywire.Diagnostics;
using Anywire.Identity;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Anywire.Server;

/// <summary>What every call passes before and after its handler, on every wire: admission, deadline, allowed callers, trace, metrics.</summary>
internal sealed class CallGuard(CallGate gate, ContractTable contracts, HandlerErrors errors, ILogger logger, TimeProvider time, TransportTraits traits)
{
    public MethodContract ContractOf(IMethod method) => contracts[method];

    /// <summary>Lets a call in and starts its span. Nothing is held when it throws.</summary>
    /// <exception cref="RpcException">It may not run; its handler was not touched.</exception>
    public Passage Enter(MethodContract contract, IMethod method, ServerCallContext context)
    {
        if (gate.TryEnter() is { } full)
        {
            CallMetrics.Refused.Count(method, traits.Name);
            throw full;
        }
        try
        {
            Check(contract, method, context);
            return new Passage(StartSpan(contract, context), CallMetrics.ServerDuration.Enabled ? time.GetTimestamp() : 0);
        }
        catch
        {
            gate.Leave();
            CallMetrics.Refused.Count(method, traits.Name);
            throw;
        }
    }

    /// <summary>Ends what <see cref="Enter"/> began, after the handler returned.</summary>
    public void Leave(Passage passage, IMethod method, ServerCallContext context)
    {
        var status = context.Status.StatusCode;
        if (status != StatusCode.OK)
        {
            RemoveMark(context);
        }
        Leave(passage, method, status);
    }

    /// <summary>As <see cref="Leave(Passage, IMethod, ServerCallContext)"/>, after the handler threw; gives what its caller may know.</summary>
    public RpcException Fail(Exception error, Passage passage, IMethod method, ServerCallContext context)
    {
        var status = StatusCode.Unknown;
        try
        {
            var known = errors.ForCaller(error, method, context);
            status = known.StatusCode;
            RemoveMark(context);
            return known;
        }
        finally
        {
            // Whoever writes logs may fail; the call's place is free all the same.
            Leave(passage, method, status);
        }
    }

    /// <summary>A handler that gives no reply and no error has failed; what each wire's library makes of it differs.</summary>
    public TResponse RequireReply<TResponse>(TResponse? response, IMethod method, ServerCallContext context) =>
        response is null && context.Status.StatusCode == StatusCode.OK
            ? throw new RpcException(new Status(StatusCode.Internal, $"The handler of {method.FullName} gave no reply."))
            : response!;

    // This handler has run, whatever it passes on of a call of its own.
    private static void RemoveMark(ServerCallContext context) => NotExecuted.Unmark(context.ResponseTrailers);

    private void Leave(Passage passage, IMethod method, StatusCode status)
    {
        gate.Leave();
        if (passage.StartedAt != 0)
        {
            CallMetrics.ServerDuration.Record(time.GetElapsedTime(passage.StartedAt), method, traits.Name, status);
        }
        if (passage.Span is { } span)
        {
            AnywireDiagnostics.Finish(span, status);
        }
    }

    private void Check(MethodContract contract, IMethod method, ServerCallContext context)
    {
        var deadline = context.Deadline;
        if (deadline != DateTime.MaxValue && deadline <= time.GetUtcNow().UtcDateTime)
        {
            throw new RpcException(new Status(StatusCode.DeadlineExceeded, "The deadline had passed before the call could be handled; nothing was done."));
        }
        if (!contract.AllowedCallers.IsEmpty && PeerIdentity.NameOf(context) is var caller
            && (caller is null || !contract.AllowedCallers.Contains(caller)))
        {
            logger.CallerRefused(method.FullName, PeerIdentity.DescriptionOf(context));
            throw new RpcException(new Status(StatusCode.PermissionDenied, "This service may not be called by you in that way."));
        }
    }

    private Activity? StartSpan(MethodContract contract, ServerCallContext context)
    {
        ActivityContext parent = default;
        if (!traits.SharesMemory && RequestHeader.Find(context, AnywireDiagnostics.TraceParentKey) is { } traceParent)
        {
            _ = ActivityContext.TryParse(traceParent, RequestHeader.Find(context, AnywireDiagnostics.TraceStateKey), isRemote: true, out parent);
        }
        return AnywireDiagnostics.StartCall(ActivityKind.Server, contract.Name, parent, traits.Name)
            ?? (parent == default ? null : AnywireDiagnostics.PassOn(contract.Name, parent));
    }

    internal readonly record struct Passage(Activity? Span, long StartedAt);
}
