using System.Collections.Immutable;
using Microsoft.Extensions.Configuration;
using Twite.Topologies;

namespace Twite.Telemetry;

/// <summary>What a process tells of itself, and to whom. Immutable.</summary>
internal sealed record TelemetryOptions
{
    // The environment variables that every OpenTelemetry SDK reads.
    private static readonly ImmutableArray<string> Collectors =
        ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"];

    /// <summary>What runs in the process.</summary>
    public required ImmutableArray<PlacedInstance> Instances { get; init; }

    /// <summary>Where <c>/metrics</c>, <c>/healthz</c> and <c>/readyz</c> are answered, <c>http://host:port</c>. Default (null): nowhere.</summary>
    public string? MetricsUrl { get; init; }

    /// <summary>The settings; the standard names of OpenTelemetry among them.</summary>
    public required IConfiguration Configuration { get; init; }

    /// <summary>Whether a collector was named.</summary>
    public bool HasCollector => Collectors.Any(name => !string.IsNullOrEmpty(Configuration[name]));

    /// <summary><c>service.name</c>: the service, or <c>twite</c> for several in one process.</summary>
    public string ServiceName => Instances is [var only] ? only.Service : "twite";

    /// <summary><c>service.instance.id</c>: what runs in the process, by name.</summary>
    public string InstanceId => string.Join(',', Instances.Select(i => i.Name));
}
