using System.Collections.Frozen;
using Grpc.Core;
using Grpc.Health.V1;
using static Grpc.Health.V1.HealthCheckResponse.Types;

namespace Anywire.Server;

/// <summary>The standard health service (grpc.health.v1), the same on every wire: serving while the services can do their work, not serving once
/// the server drains. Any authenticated peer may ask.</summary>
internal sealed class HealthService(
    IEnumerable<string> services, Func<CancellationToken, ValueTask<Readiness>>? checkReadiness, TimeProvider time, CancellationToken draining)
    : Health.HealthBase
{
    private static readonly TimeSpan WatchInterval = TimeSpan.FromSeconds(1);

    // The empty name stands for the server as a whole.
    private readonly FrozenSet<string> _services = services.Append("").ToFrozenSet(StringComparer.Ordinal);

    public override async Task<HealthCheckResponse> Check(HealthCheckRequest request, ServerCallContext context)
    {
        var status = await StatusOfAsync(request.Service, context.CancellationToken);
        return status == ServingStatus.ServiceUnknown
            ? throw RpcErrors.NotFound($"There is no service {request.Service} here.")
            : new HealthCheckResponse { Status = status };
    }

    public override async Task Watch(HealthCheckRequest request, IServerStreamWriter<HealthCheckResponse> responseStream, ServerCallContext context)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(draining, context.CancellationToken);
        var told = ServingStatus.Unknown;
        while (true)
        {
            var isLast = draining.IsCancellationRequested;
            var status = await StatusOfAsync(request.Service, context.CancellationToken);
            if (status != told)
            {
                await responseStream.WriteAsync(new HealthCheckResponse { Status = status });
                told = status;
            }
            if (isLast || context.CancellationToken.IsCancellationRequested)
            {
                // A drained server closes its connections: a watcher asks its next one.
                return;
            }
            await Task.Delay(WatchInterval, time, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async ValueTask<ServingStatus> StatusOfAsync(string service, CancellationToken cancellationToken)
    {
        if (!_services.Contains(service))
        {
            return ServingStatus.ServiceUnknown;
        }
        if (draining.IsCancellationRequested)
        {
            return ServingStatus.NotServing;
        }
        return checkReadiness is null || (await checkReadiness(cancellationToken)).IsReady ? ServingStatus.Serving : ServingStatus.NotServing;
    }
}
