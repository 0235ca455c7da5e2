using Twite.Processes.Telemetry;

namespace Twite.Faults.Replicas;

/// <summary>How many calls of each method one process has counted, whatever came of them.</summary>
internal sealed class CallCounts
{
    private readonly Dictionary<string, long> _byMethod;

    private CallCounts(Dictionary<string, long> byMethod) => _byMethod = byMethod;

    /// <summary>The methods that were called.</summary>
    public IReadOnlyCollection<string> Methods => _byMethod.Keys;

    /// <summary>The calls of a method, as <c>twite.v1.MessagesService/Post</c>.</summary>
    public long Of(string method) => _byMethod.GetValueOrDefault(method);

    /// <summary>The calls of all methods of a service.</summary>
    public long OfService(string service) => _byMethod.Where(m => m.Key.StartsWith(service + "/", StringComparison.Ordinal)).Sum(m => m.Value);

    /// <summary>What was counted since.</summary>
    public CallCounts Since(CallCounts before) => new(_byMethod.ToDictionary(m => m.Key, m => m.Value - before.Of(m.Key), StringComparer.Ordinal));

    /// <inheritdoc/>
    public override string ToString() => string.Join(", ", _byMethod.Select(m => $"{m.Key} {m.Value}"));

    /// <summary>Reads them from Prometheus' text.</summary>
    /// <param name="text">All metrics of a process.</param>
    /// <param name="metric">The one with a line for each method and outcome.</param>
    public static CallCounts Parse(string text, string metric) => new(PrometheusText.Read(text, metric)
        .GroupBy(s => s.Method, s => (long)s.Value, StringComparer.Ordinal).ToDictionary(m => m.Key, m => m.Sum(), StringComparer.Ordinal));
}
