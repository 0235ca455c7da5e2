using System.Net.Security;
using Anywire.Identity;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;

namespace Anywire.HttpConnections.Server;

/// <summary>Mutual TLS 1.3 on the listening side of Kestrel's connections.</summary>
internal sealed class ServerTls(ServiceCredentials credentials, HttpProtocols protocols, ILogger logger)
{
    private readonly MutualTls _tls = new(credentials);

    public TlsHandshakeCallbackOptions Options() => new()
    {
        OnConnection = context => ValueTask.FromResult(For(context.Connection)),
        HandshakeTimeout = TimeSpan.FromSeconds(5),
    };

    private SslServerAuthenticationOptions For(BaseConnectionContext connection)
    {
        var options = _tls.Server(
            name => connection.Items[PeerIdentity.ProvedNameKey] = name,
            problem => logger.PeerRefused(connection.RemoteEndPoint?.ToString() ?? "an unknown address", problem));
        options.ApplicationProtocols = protocols == HttpProtocols.Http2 ? [SslApplicationProtocol.Http2] : [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11];
        return options;
    }
}
