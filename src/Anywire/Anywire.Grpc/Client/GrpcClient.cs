using System.Collections.Frozen;
using Anywire.HttpConnections.Client;
using Anywire.Identity;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Net.Client;
using Microsoft.Extensions.Logging;

namespace Anywire.Grpc.Client;

/// <summary>The client side for one service: one channel over all its addresses.</summary>
internal sealed class GrpcClient : ITransportClient
{
    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(5);

    private readonly TransportClientOptions _options;
    private readonly ServiceConnections _connections;
    private readonly GrpcChannel _channel;
    private readonly string _scheme;

    public GrpcClient(TransportClientOptions options, GrpcOptions grpc)
    {
        _options = options;
        var isSecured = options.Endpoints.Any(e => e.Scheme == "grpcs");
        var tls = isSecured && options.Credentials is { } credentials ? new MutualTls(credentials) : null;
        // The requests that are still in memory once they were sent; a stream's are gone.
        var repeatable = options.Contracts.All.Where(c => c.Type is MethodType.Unary or MethodType.ServerStreaming).Select(c => c.FullName)
            .ToFrozenSet(StringComparer.Ordinal);
        _connections = new ServiceConnections(
            options, grpc.Connections, tls, static request => request.RequestUri!.AbsolutePath,
            request => repeatable.Contains(request.RequestUri!.AbsolutePath), IsServingAsync, options.Loggers.CreateLogger<GrpcTransport>());
        _scheme = isSecured ? "https" : "http";
        _channel = ChannelOver(_connections.Handler);
        Invoker = new GrpcInvoker(_channel.CreateCallInvoker(), options.Contracts);
    }

    public CallInvoker Invoker { get; }

    public Task ConnectAsync(CancellationToken cancellationToken) => _connections.ConnectAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        await _connections.DisposeAsync();
    }

    private async Task<bool> IsServingAsync(HttpMessageHandler address, CancellationToken cancellationToken)
    {
        using var channel = ChannelOver(address);
        var answer = await new Health.HealthClient(channel).CheckAsync(
            new HealthCheckRequest(), deadline: _options.Time.GetUtcNow().UtcDateTime + ProbeTimeout, cancellationToken: cancellationToken);
        return answer.Status != HealthCheckResponse.Types.ServingStatus.NotServing;
    }

    // The service's name is the authority, whatever the address: TLS then asks for that name, and certificates need no host names.
    private GrpcChannel ChannelOver(HttpMessageHandler handler)
    {
        var largest = SizeLimits.Largest(_options.Contracts);
        return GrpcChannel.ForAddress($"{_scheme}://{_options.Service}", new GrpcChannelOptions
        {
            HttpHandler = handler,
            DisposeHttpClient = false,
            MaxReceiveMessageSize = largest,
            MaxSendMessageSize = largest,
            // Tried again by the waist only.
            MaxRetryAttempts = null,
            ServiceConfig = null,
        });
    }
}
