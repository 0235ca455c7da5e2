using System.Diagnostics;
using System.Diagnostics.Metrics;
using Grpc.Core;

namespace Anywire.Diagnostics;

/// <summary>The instruments of the meter <see cref="AnywireDiagnostics.Name"/>: calls, errors and latency by OpenTelemetry's conventions for RPC
/// (https://opentelemetry.io/docs/specs/semconv/rpc/rpc-metrics/), and what those have no name for. They cost next to nothing while nobody listens.</summary>
internal static class CallMetrics
{
    private static readonly Meter Meter = new(AnywireDiagnostics.Name);

    // From a call within the process to the longest deadline.
    private static readonly InstrumentAdvice<double> Durations = new()
    {
        HistogramBucketBoundaries =
            [0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    };

    private static readonly InstrumentAdvice<long> Sizes = new()
    {
        HistogramBucketBoundaries = [0, 16, 64, 256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304],
    };

    public static readonly Histogram<double> ServerDuration =
        Meter.CreateHistogram("rpc.server.call.duration", "s", "Time a handler took.", tags: null, Durations);

    public static readonly Histogram<double> ClientDuration =
        Meter.CreateHistogram("rpc.client.call.duration", "s", "Time a caller waited, retries included.", tags: null, Durations);

    public static readonly Histogram<long> ServerRequestSize = SizesOf("server", "request");

    public static readonly Histogram<long> ServerResponseSize = SizesOf("server", "response");

    public static readonly Histogram<long> ClientRequestSize = SizesOf("client", "request");

    public static readonly Histogram<long> ClientResponseSize = SizesOf("client", "response");

    public static readonly Counter<long> Retries =
        Meter.CreateCounter<long>("anywire.client.retries", "{attempt}", "Attempts after the first.");

    public static readonly Counter<long> BestEffortDropped =
        Meter.CreateCounter<long>("anywire.best_effort.dropped", "{message}", "Best-effort messages dropped because the queue was full or the send failed.");

    public static readonly Counter<long> Refused =
        Meter.CreateCounter<long>("anywire.server.refused", "{call}", "Calls refused before their handler ran.");

    /// <summary>Records how a call ended.</summary>
    public static void Record(this Histogram<double> duration, TimeSpan elapsed, IMethod method, string wire, StatusCode status)
    {
        var tags = TagsOf(method, wire);
        tags.Add("rpc.response.status_code", StatusCodeName.Of(status));
        if (status != StatusCode.OK)
        {
            tags.Add("error.type", StatusCodeName.Of(status));
        }
        try
        {
            duration.Record(elapsed.TotalSeconds, tags);
        }
        catch (Exception error)
        {
            Failed(error);
        }
    }

    /// <summary>Counts one.</summary>
    public static void Count(this Counter<long> counter, IMethod method, string wire)
    {
        if (!counter.Enabled)
        {
            return;
        }
        try
        {
            counter.Add(1, TagsOf(method, wire));
        }
        catch (Exception error)
        {
            Failed(error);
        }
    }

    /// <summary>A listener failed, which is code of others: no call may end by it, nor a thread that carries many. It is told as all failures are that nobody awaits
    /// (<see cref="TaskScheduler.UnobservedTaskException"/>).</summary>
    public static void Failed(Exception error) => _ = Task.FromException(error);

    /// <summary>What every measurement of a call says.</summary>
    public static TagList TagsOf(IMethod method, string wire) => new() { { "rpc.method", method.FullName[1..] }, { "anywire.wire", wire } };

    private static Histogram<long> SizesOf(string side, string what) =>
        Meter.CreateHistogram($"anywire.{side}.{what}.size", "By", $"Bytes of a {what} message as the wire carries it.", tags: null, Sizes);
}
