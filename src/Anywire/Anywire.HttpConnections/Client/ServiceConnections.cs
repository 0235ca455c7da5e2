using System.Collections.Concurrent;
using Anywire.Identity;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Anywire.HttpConnections.Client;

/// <summary>The addresses of one service and the connections to them. Those that failed are asked in the background until they are back. Any
/// thread may use it.</summary>
internal sealed class ServiceConnections : IAsyncDisposable
{
    private readonly TransportClientOptions _options;
    private readonly Func<HttpMessageHandler, CancellationToken, Task<bool>> _isServing;
    private readonly BalancingHandler _handler;
    private readonly ConcurrentDictionary<Address, Task> _probes = [];
    private readonly CancellationTokenSource _disposed = new();

    /// <param name="options">Where to and as whom.</param>
    /// <param name="http">How connections are kept.</param>
    /// <param name="tls">What secures them; null for a plain scheme.</param>
    /// <param name="methodOf">The name of the method that a request calls; one of few.</param>
    /// <param name="mayRepeat">Whether a request that was proved not executed is still whole, so that it can be sent elsewhere.</param>
    /// <param name="isServing">Asks over the given handler, which leads to one address, by a standard health check; fails with
    /// <see cref="RpcException"/> when it does not answer.</param>
    /// <param name="logger">Where it is said that addresses go and come.</param>
    public ServiceConnections(
        TransportClientOptions options, HttpConnectionOptions http, MutualTls? tls, Func<HttpRequestMessage, string> methodOf,
        Func<HttpRequestMessage, bool> mayRepeat, Func<HttpMessageHandler, CancellationToken, Task<bool>> isServing, ILogger logger)
    {
        (_options, _isServing) = (options, isServing);
        _handler = new BalancingHandler(options, options.Endpoints.Select(e => new Address(e, options, http, tls, logger)), methodOf, mayRepeat)
        {
            Probe = address => _probes[address] = ProbeAsync(address),
        };
    }

    /// <summary>Sends requests to one of the addresses.</summary>
    public HttpMessageHandler Handler => _handler;

    /// <summary>Connects to the first address that answers.</summary>
    /// <exception cref="RpcException">None does.</exception>
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
        _handler.Dispose();
    }

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
        using var direct = new DirectHandler(address, _options.Service);
        try
        {
            if (!await _isServing(direct, cancellationToken))
            {
                throw new RpcException(new Status(StatusCode.Unavailable, $"{_options.Service} at {address.Endpoint} takes no calls now."));
            }
        }
        catch (RpcException error) when (error.StatusCode is not (StatusCode.Unavailable or StatusCode.DeadlineExceeded or StatusCode.Cancelled or StatusCode.Internal))
        {
            // Someone else's server, which has no health service, or not for us: it answers, and that was the question.
        }
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
                throw address.Lost(service, error);
            }
        }
    }
}
