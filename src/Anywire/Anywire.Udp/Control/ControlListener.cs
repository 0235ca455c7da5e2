using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Anywire.Identity;
using Anywire.Server;
using Anywire.Udp.Diagnostics;
using Anywire.Udp.Server;
using Microsoft.Extensions.Logging;

namespace Anywire.Udp.Control;

/// <summary>The handler's side of control connections: lets services of the cluster in, and gives each a session that lasts as long as its connection.</summary>
internal sealed class ControlListener : IAsyncDisposable
{
    private const int Backlog = 512;
    private const int MostHandshakes = 1_024;
    private static readonly TimeSpan HandshakeTimeout = TimeSpan.FromSeconds(5);

    private readonly TransportServerOptions _options;
    private readonly Socket _listener;
    private readonly MutualTls _tls;
    private readonly ILogger _logger;
    private readonly Newcomers<Socket> _handshakes = new(MostHandshakes, static socket => socket.Dispose());
    private readonly ConcurrentDictionary<ControlledSession, Task> _connections = new();
    private readonly CancellationTokenSource _closing = new();
    private Task _accepting = Task.CompletedTask;

    private ControlListener(TransportServerOptions options, Socket listener, ServiceCredentials credentials, ILogger logger) =>
        (_options, _listener, _tls, _logger) = (options, listener, new MutualTls(credentials), logger);

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    /// <exception cref="IOException">The address cannot be listened on.</exception>
    public static ControlListener Bind(TransportServerOptions options, IPEndPoint address, ServiceCredentials credentials, ILogger logger)
    {
        Socket? listener = null;
        try
        {
            listener = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            ListenAddress.Bind(listener, address);
            listener.Listen(Backlog);
            return new ControlListener(options, listener, credentials, logger);
        }
        catch (SocketException error)
        {
            listener?.Dispose();
            throw new IOException(ListenAddress.Explain(options.Endpoint, error), error);
        }
    }

    /// <summary>Begins to accept.</summary>
    public void Start(UdpServer server)
    {
        using (ExecutionContext.SuppressFlow())
        {
            _accepting = Task.Run(() => AcceptAsync(server));
        }
    }

    /// <summary>Accepts no more, and tells all callers to go elsewhere.</summary>
    /// <param name="longest">Who has not read that by then is not waited for.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async Task TellLeavingAsync(TimeSpan longest, CancellationToken cancellationToken)
    {
        _listener.Dispose();
        try
        {
            await Task.WhenAll(_connections.Keys.Select(c => c.TellLeavingAsync())).WaitAsync(longest, _options.Time, cancellationToken);
        }
        catch (TimeoutException)
        {
            // It hears of it when its connection ends.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        _listener.Dispose();
        await _accepting;
        await Task.WhenAll(_connections.Values);
        _closing.Dispose();
    }

    private async Task AcceptAsync(UdpServer server)
    {
        while (!_closing.IsCancellationRequested)
        {
            try
            {
                var socket = await _listener.AcceptAsync(_closing.Token);
                _ = ServeAsync(socket, server);
            }
            catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException)
            {
                // Who wanted to come in has gone, or there are no handles left for the moment.
                await Task.Delay(TimeSpan.FromMilliseconds(10), _options.Time, CancellationToken.None);
            }
        }
    }

    private async Task ServeAsync(Socket socket, UdpServer server)
    {
        var place = _handshakes.Enter(socket);
        var peer = "an address that has gone";
        try
        {
            peer = socket.RemoteEndPoint?.ToString() ?? peer;
            socket.NoDelay = true;
            await using var tls = new SslStream(new NetworkStream(socket, ownsSocket: true));
            var session = await OpenAsync(tls, server, peer);
            _handshakes.Leave(place);
            if (session is null)
            {
                return;
            }
            var running = session.RunAsync(_closing.Token);
            _connections[session] = running;
            try
            {
                await running;
            }
            finally
            {
                _connections.TryRemove(session, out _);
            }
        }
        catch (Exception error) when (error is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // It has gone; a stranger is not told of in the log each time it comes.
        }
        finally
        {
            _handshakes.Leave(place);
            socket.Dispose();
        }
    }

    private async Task<ControlledSession?> OpenAsync(SslStream tls, UdpServer server, string peer)
    {
        using var timeout = new CancellationTokenSource(HandshakeTimeout, _options.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, _closing.Token);
        string? problem = null;
        var caller = "";
        var terms = _tls.Server(name => caller = name, p => problem = p);
        terms.ApplicationProtocols = [ControlStream.Protocol];
        try
        {
            await tls.AuthenticateAsServerAsync(terms, either.Token);
        }
        catch (AuthenticationException)
        {
            _logger.PeerRefused(peer, problem ?? "it does not speak TLS 1.3 as a service of this cluster does");
            return null;
        }
        return await ControlledSession.OpenAsync(new ControlStream(tls), server, caller, _tls.OwnName, _options.Time, either.Token);
    }
}
