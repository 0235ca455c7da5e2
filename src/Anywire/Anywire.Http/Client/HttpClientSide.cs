using Anywire.HttpConnections.Client;
using Anywire.Identity;
using Grpc.Core;
using Grpc.Health.V1;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Anywire.Http.Client;

/// <summary>The client side for one service. Any thread may use it.</summary>
internal sealed class HttpClientSide : ITransportClient
{
    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(5);

    private readonly ServiceConnections _connections;
    private readonly HttpCalls _calls;
    private readonly CancellationTokenSource _closed = new();

    public HttpClientSide(TransportClientOptions options, HttpAddress address, HttpOptions http)
    {
        var tls = HttpAddress.IsSecured(options.Endpoints[0]) && options.Credentials is { } credentials ? new MutualTls(credentials) : null;
        _connections = new ServiceConnections(
            options, http.Connections(HttpProtocols.Http1AndHttp2), tls, static request => ((MethodRequest)request).Called, static _ => true,
            IsServingAsync, options.Loggers.CreateLogger<HttpTransport>());
        _calls = new HttpCalls(options, address, new HttpMessageInvoker(_connections.Handler, disposeHandler: false)) { Closed = _closed.Token };
        Invoker = new HttpInvoker(_calls);
    }

    public CallInvoker Invoker { get; }

    public Task ConnectAsync(CancellationToken cancellationToken) => _connections.ConnectAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _closed.CancelAsync();
        await _connections.DisposeAsync();
        _calls.Http.Dispose();
    }

    private async Task<bool> IsServingAsync(HttpMessageHandler address, CancellationToken cancellationToken)
    {
        using var http = new HttpMessageInvoker(address, disposeHandler: false);
        var answer = await new Health.HealthClient(new HttpInvoker(_calls with { Http = http })).CheckAsync(
            new HealthCheckRequest(), deadline: _calls.Time.GetUtcNow().UtcDateTime + ProbeTimeout, cancellationToken: cancellationToken);
        return answer.Status != HealthCheckResponse.Types.ServingStatus.NotServing;
    }
}
