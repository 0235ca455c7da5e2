using Anywire.Client;
using Anywire.Identity;
using Anywire.Tcp.Connections;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Anywire.Tcp.Client;

/// <summary>The client side for one service: its addresses, over which the calls of each method are spread in turn. Any thread may use it.</summary>
internal sealed class TcpClient : ITransportClient
{
    private readonly TransportClientOptions _options;
    private readonly Destination[] _addresses;

    public TcpClient(TransportClientOptions options, MutualTls? tls, Runtime runtime)
    {
        var logger = options.Loggers.CreateLogger<TcpTransport>();
        (_options, Logger) = (options, logger);
        Handoff = runtime.Handoff;
        _addresses = [.. options.Endpoints.Select(e => new Destination(e, options, tls, runtime, logger))];
        Invoker = new TcpInvoker(this, options.Contracts);
    }

    public CallInvoker Invoker { get; }

    /// <summary>Where it is told what goes wrong.</summary>
    public ILogger Logger { get; }

    /// <summary>Where callers are told on other threads.</summary>
    public Handoff Handoff { get; }

    /// <summary>The clock.</summary>
    public TimeProvider Time => _options.Time;

    public Task ConnectAsync(CancellationToken cancellationToken) => FirstAsync(cancellationToken);

    /// <summary>Opens a call over one of the connections; when there is none, as soon as there is.</summary>
    public void Start(ClientCall call)
    {
        if (Pick(call) is { } connection)
        {
            call.Open(connection);
            return;
        }
        _ = StartLaterAsync(call);
    }

    /// <summary>Another connection than the one that refused a call; null when there is none, or it was tried at all of them.</summary>
    public ClientConnection? Elsewhere(ClientCall call, int attempts) => attempts < _addresses.Length ? Pick(call) : null;

    public async ValueTask DisposeAsync()
    {
        foreach (var address in _addresses)
        {
            await address.DisposeAsync();
        }
    }

    private ClientConnection? Pick(ClientCall call)
    {
        if (_addresses.Length == 1)
        {
            return _addresses[0].For(call.Method);
        }
        var ready = 0u;
        foreach (var address in _addresses)
        {
            ready += address.For(call.Method) is null ? 0u : 1u;
            // It is there for a later call.
            address.Want();
        }
        // The turns of those that are away are shared by all others: the next in the row alone would have twice its work.
        var turn = ready > 1 ? call.Method.NextTurn() % ready : 0;
        ClientConnection? last = null;
        foreach (var address in _addresses)
        {
            if (address.For(call.Method) is { } connection)
            {
                last = connection;
                if (turn-- == 0)
                {
                    break;
                }
            }
        }
        return last;
    }

    private Task<ClientConnection> FirstAsync(CancellationToken cancellationToken) => Reconnecting.FirstAsync(_addresses.Select(static a => a.GetAsync()), cancellationToken);

    private async Task StartLaterAsync(ClientCall call)
    {
        using var patience = new CallLifetime(call.DeadlineNow(), _options.Time, call.Token);
        try
        {
            call.Open(await FirstAsync(patience.Token));
        }
        catch (OperationCanceledException)
        {
            call.FailAndTell(new RpcException(patience.EarlyEnd));
        }
        catch (Exception error)
        {
            call.FailUnsent(error);
        }
    }
}
