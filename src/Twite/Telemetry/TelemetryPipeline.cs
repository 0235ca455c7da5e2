using System.Collections.Immutable;
using Anywire;
using Anywire.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Twite.Comparing;
using Twite.Storage;

namespace Twite.Telemetry;

/// <summary>Takes what the process's parts record to where somebody reads it: Prometheus at <c>/metrics</c>, a collector by OTLP. Without either nothing
/// is recorded. Disposing sends what is left.</summary>
internal sealed class TelemetryPipeline : IAsyncDisposable
{
    private static readonly ImmutableArray<string> Meters =
        [AnywireDiagnostics.Name, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime", "Npgsql"];

    private readonly TelemetryOptions _options;
    private readonly MeterProvider? _meters;
    private readonly TracerProvider? _tracer;
    private MetricsEndpoint? _endpoint;

    private TelemetryPipeline(TelemetryOptions options)
    {
        _options = options;
        _meters = options.MetricsUrl is not null || options.HasCollector ? CreateMeters(options) : null;
        _tracer = options.HasCollector ? CreateTracer(options) : null;
    }

    /// <summary>Begins to record.</summary>
    /// <exception cref="Commands.UsageException">The address for metrics is none.</exception>
    public static TelemetryPipeline Start(TelemetryOptions options)
    {
        if (options.MetricsUrl is { } url)
        {
            MetricsEndpoint.Require(url);
        }
        return new TelemetryPipeline(options);
    }

    /// <summary>Answers at the address for metrics, if one was asked for.</summary>
    /// <param name="checkReadiness">What <c>/readyz</c> answers.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="IOException">The address cannot be listened on.</exception>
    public async Task ServeAsync(Func<CancellationToken, ValueTask<Readiness>> checkReadiness, CancellationToken cancellationToken)
    {
        if (_options.MetricsUrl is { } url)
        {
            _endpoint = await MetricsEndpoint.StartAsync(url, _meters!, checkReadiness, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_endpoint is not null)
        {
            await _endpoint.DisposeAsync();
        }
        _tracer?.Dispose();
        _meters?.Dispose();
    }

    private static MeterProvider CreateMeters(TelemetryOptions options)
    {
        var builder = Sdk.CreateMeterProviderBuilder()
            .ConfigureServices(services => services.AddSingleton(options.Configuration))
            .ConfigureResource(resource => Describe(resource, options))
            .AddMeter([.. Meters]);
        if (options.MetricsUrl is not null)
        {
            builder.AddPrometheusExporter();
        }
        if (options.HasCollector)
        {
            builder.AddOtlpExporter();
        }
        return builder.Build();
    }

    private static TracerProvider CreateTracer(TelemetryOptions options) => Sdk.CreateTracerProviderBuilder()
        .ConfigureServices(services => services.AddSingleton(options.Configuration))
        .ConfigureResource(resource => Describe(resource, options))
        .AddSource(AnywireDiagnostics.Name, OutboxRelay.ActivitySourceName, "Npgsql")
        .AddAspNetCoreInstrumentation(web => web.Filter = IsWorthATrace)
        .AddOtlpExporter()
        .Build();

    private static void Describe(ResourceBuilder resource, TelemetryOptions options) => resource.AddService(
        options.ServiceName, serviceNamespace: "twite", BuildVersion.Number, autoGenerateServiceInstanceId: false, options.InstanceId);

    // Whoever asks how we are asks every few seconds.
    private static bool IsWorthATrace(HttpContext http) => http.Request.Path.Value is not ("/healthz" or "/readyz" or "/metrics");
}
