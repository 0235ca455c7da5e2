using System.Collections.Concurrent;
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
    private readonly BalancingHandler _handler;
    private readonly GrpcChannel _channel;
    private readonly ConcurrentDictionary<Address, Task> _probes = [];
    private readonly CancellationTokenSource _disposed = new();

    public GrpcClient(TransportClientOptions options, GrpcOptions grpc)
    {
        _options = options;
        var logger = options.Loggers.CreateLogger<GrpcTransport>();
        var isSecured = options.Endpoints.Any(e => e.Scheme == "grpcs");
        var tls = isSecured && options.Credentials is { } credentials ? new ClientTls(credentials, options.Service) : null;
        _handler = new BalancingHandler(options, options.Endpoints.Select(e => new Address(e, options, grpc, tls, logger)))
        {
            Probe = address => _probes[address] = ProbeAsync(address),
        };
        Scheme = isSecured ? "https" : "http";
        _channel = ChannelOver(_handler);
        Invoker = new GrpcInvoker(_channel.CreateCallInvoker(), options.Contracts);
    }

    public CallInvoker Invoker { get; }

    private string Scheme { get; }

    public async Task ConnectAsync(CancellationToken cancellationToken)
    {
        RpcException? failure = null;
        foreach (var address in _handler.All)
        {
            try
            {
                await AskAsync(address, cancellationToken);
                address.Up();
                return;
            }
            catch (RpcException error) when (!cancellationToken.IsCancellationRequested)
            {
                failure = error;
            }
        }
        throw failure!;
    }

    public async ValueTask DisposeAsync()
    {
        await _disposed.CancelAsync();
        await Task.WhenAll(_probes.Values);
        _channel.Dispose();
        _handler.Dispose();
    }

    /// <summary>Asks with a standard health check, which brings up the connection with it.</summary>
    private async Task ProbeAsync(Address address)
    {
        // The call that noticed goes on at once.
        await Task.Yield();
        try
        {
            await AskAsync(address, _disposed.Token);
            address.Up();
        }
        catch (RpcException error)
        {
            if (!_disposed.IsCancellationRequested)
            {
                address.Down(error.Status.Detail);
            }
        }
        finally
        {
            address.EndProbe();
        }
    }

    private async Task AskAsync(Address address, CancellationToken cancellationToken)
    {
        using var channel = ChannelOver(new DirectHandler(address, _options.Service));
        try
        {
            var answer = await new Health.HealthClient(channel).CheckAsync(
                new HealthCheckRequest(), deadline: _options.Time.GetUtcNow().UtcDateTime + ProbeTimeout, cancellationToken: cancellationToken);
            if (answer.Status == HealthCheckResponse.Types.ServingStatus.NotServing)
            {
                throw new RpcException(new Status(StatusCode.Unavailable, $"{_options.Service} at {address.Endpoint} takes no calls now."));
            }
        }
        catch (RpcException error) when (error.StatusCode is not (StatusCode.Unavailable or StatusCode.DeadlineExceeded or StatusCode.Cancelled or StatusCode.Internal))
        {
            // Someone else's server, which has no health service, or not for us: it answers, and that was the question.
        }
    }

    // The service's name is the authority, whatever the address: TLS then asks for that name, and certificates need no host names.
    private GrpcChannel ChannelOver(HttpMessageHandler handler)
    {
        var largest = SizeLimits.Largest(_options.Contracts);
        return GrpcChannel.ForAddress($"{Scheme}://{_options.Service}", new GrpcChannelOptions
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

    private sealed class DirectHandler(Address address, string service) : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            try
            {
                return await address.SendAsync(request, cancellationToken);
            }
            catch (Exception error) when (address.WhyNotSent(error, cancellationToken) is { } reason)
            {
                throw UnsentException.For(service, address, reason, error);
            }
            catch (HttpRequestException error) when (Address.IsLost(error))
            {
                throw new RpcException(new Status(
                    StatusCode.Unavailable, $"The connection to {service} at {address.Endpoint} was lost before it answered.", error));
            }
        }
    }
}
