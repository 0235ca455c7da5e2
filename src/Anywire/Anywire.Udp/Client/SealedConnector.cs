using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Anywire.Client;
using Anywire.Identity;
using Anywire.Udp.Control;
using Anywire.Udp.Sealing;
using Anywire.Udp.Sockets;
using Microsoft.Extensions.Logging;

namespace Anywire.Udp.Client;

/// <summary>Opens sealed sessions: over a control connection to the same port of TCP, which stays open as long as the session.</summary>
internal sealed class SealedConnector(TransportClientOptions options, ServiceCredentials credentials, ILogger logger) : IConnector
{
    private readonly MutualTls _tls = new(credentials);

    public async Task<ClientSession> ConnectAsync(Endpoint endpoint, TimeSpan time, CancellationToken cancellationToken)
    {
        var isMute = false;
        try
        {
            return await HostAddresses.ConnectAsync(
                endpoint, time, options.Time, (address, patience) => OpenAsync(endpoint, address, () => isMute = true, patience), cancellationToken);
        }
        catch (Exception error) when (isMute && error is OperationCanceledException or SocketException { SocketErrorCode: SocketError.TimedOut })
        {
            throw new UnreachableException("it answers over TCP, but no datagram comes back: let UDP through to the same port, and back", error);
        }
    }

    /// <summary>Opens a session with one of the IP addresses that there may be.</summary>
    /// <param name="endpoint">Whose it is.</param>
    /// <param name="address">The address.</param>
    /// <param name="isMute">Told when it answers over TCP and was given up before a datagram of it came.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="SocketException">Nobody is there.</exception>
    /// <exception cref="UnreachableException">It opens none; it says why.</exception>
    /// <exception cref="OperationCanceledException">Given up.</exception>
    public async Task<ClientSession> OpenAsync(Endpoint endpoint, IPEndPoint address, Action isMute, CancellationToken cancellationToken)
    {
        var socket = await HostAddresses.DialAsync(address, cancellationToken);
        string? problem = null;
        var tls = new SslStream(new NetworkStream(socket, ownsSocket: true));
        var stream = new ControlStream(tls);
        try
        {
            var terms = _tls.Client(options.Service, p => problem = p);
            terms.ApplicationProtocols = [ControlStream.Protocol];
            await tls.AuthenticateAsClientAsync(terms, cancellationToken);
            var secret = RandomNumberGenerator.GetBytes(KeyAgreement.SecretBytes);
            await stream.WriteAsync(ControlKind.Hello, ControlFormat.Hello(Ciphers.Own, secret), cancellationToken);
            var (kind, payload) = await stream.ReadAsync(cancellationToken);
            if (kind == ControlKind.Refused)
            {
                throw new UnreachableException(Encoding.UTF8.GetString(payload.Span));
            }
            if (kind != ControlKind.Welcome)
            {
                throw ControlFormat.Malformed();
            }
            var welcome = ControlFormat.ReadWelcome(payload.Span);
            // As the handler says it, which may prove more names than one, or write the one in another case.
            var handler = tls.RemoteCertificate is X509Certificate2 proof ? ServiceCredentials.NameOf(proof) : null;
            var seals = new Seals(new KeyAgreement(welcome.Cipher, _tls.OwnName, handler ?? options.Service, welcome.Session), isCaller: true);
            seals.Install(welcome.Key, secret, welcome.Secret, sendAtOnce: true);
            var session = new ClientSession(welcome.Session, endpoint, UdpSocket.Connect((IPEndPoint)socket.RemoteEndPoint!), seals, welcome.Window, options);
            session.Start();
            _ = new SessionKeeper(session, seals, stream, options, logger).RunAsync();
            await ProveAsync(session, isMute, cancellationToken);
            return session;
        }
        catch (AuthenticationException error)
        {
            await stream.DisposeAsync();
            throw new UnreachableException(problem ?? (error.InnerException ?? error).Message.TrimEnd('.'), error);
        }
        catch (Exception error) when (error is IOException and not UnreachableException)
        {
            await stream.DisposeAsync();
            throw new UnreachableException(problem ?? "it closed the connection before it had let us in", error);
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    // Where the control connection gets through datagrams need not: no call is to find that out by its deadline.
    private static async Task ProveAsync(ClientSession session, Action isMute, CancellationToken cancellationToken)
    {
        try
        {
            await session.ProveAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            session.Lose("no datagram of it came");
            isMute();
            throw;
        }
    }
}
