using System.Diagnostics;
using Grpc.Core;

namespace Anywire.Diagnostics;

/// <summary>The names of Anywire's traces and metrics, after OpenTelemetry's conventions for RPC (https://opentelemetry.io/docs/specs/semconv/rpc/).
/// Nothing is recorded, and next to nothing spent, while nobody listens.</summary>
public static class AnywireDiagnostics
{
    /// <summary>The name of the <see cref="ActivitySource"/> and of the <see cref="System.Diagnostics.Metrics.Meter"/>.</summary>
    public const string Name = "Anywire";

    /// <summary>The metadata keys of W3C trace context (https://www.w3.org/TR/trace-context/).</summary>
    public const string TraceParentKey = "traceparent";

    /// <summary>As <see cref="TraceParentKey"/>.</summary>
    public const string TraceStateKey = "tracestate";

    internal static readonly ActivitySource Source = new(Name);

    /// <summary>Starts the span of one side of a call of the named method; null while nobody listens.</summary>
    internal static Activity? StartCall(ActivityKind kind, string method, ActivityContext parent, string wire)
    {
        if (!Source.HasListeners())
        {
            return null;
        }
        var activity = parent == default
            ? Source.StartActivity(method, kind)
            : Source.StartActivity(method, kind, parent);
        if (activity is { IsAllDataRequested: true })
        {
            activity.SetTag("rpc.system.name", "anywire").SetTag("rpc.method", method).SetTag("anywire.wire", wire);
        }
        return activity;
    }

    /// <summary>Takes a caller's trace context on to the calls its handler makes, though nobody here records this part of the trace.</summary>
    internal static Activity PassOn(string method, ActivityContext parent)
    {
        var activity = new Activity(method);
        activity.SetParentId(parent.TraceId, parent.SpanId, parent.TraceFlags);
        activity.TraceStateString = parent.TraceState;
        activity.IsAllDataRequested = false;
        return activity.Start();
    }

    /// <summary>Ends a span with the call's outcome.</summary>
    internal static void Finish(Activity activity, StatusCode status)
    {
        if (activity.IsAllDataRequested)
        {
            activity.SetTag("rpc.response.status_code", StatusCodeName.Of(status));
            if (status != StatusCode.OK)
            {
                activity.SetTag("error.type", StatusCodeName.Of(status));
                activity.SetStatus(ActivityStatusCode.Error);
            }
        }
        activity.Dispose();
    }
}
