using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Anywire;
using Anywire.Messaging;

namespace Twite.Brokers;

/// <summary>Looks whether a broker takes connections, and whether it is the cluster's. Any thread may use it.</summary>
/// <param name="site">Where it is.</param>
/// <param name="credentials">What to prove oneself with; null for a plain address.</param>
internal sealed class BrokerProbe(BrokerSite site, ServiceCredentials? credentials)
{
    /// <summary>What <see cref="ProblemAsync()"/> says where no broker is at all.</summary>
    public const string Nobody = "nobody listens there";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    // Whom the broker is told that we are; null when it is told nothing.
    private readonly string? _self = site.IsSecured && credentials is not null ? ServiceCredentials.NameOf(credentials.Certificate) : null;

    /// <summary>Whether anything listens there.</summary>
    public async Task<bool> IsOpenAsync()
    {
        using var patience = new CancellationTokenSource(Patience, TimeProvider.System);
        using var socket = new TcpClient();
        try
        {
            await socket.ConnectAsync(site.Host, site.Port, patience.Token);
            return true;
        }
        catch (Exception error) when (error is SocketException or OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>Whether it takes a connection and proves who it is. It is asked nothing: brokers log those that come for no more than a word.</summary>
    public async Task<bool> HandshakeAsync() => await ProblemAsync(talks: false) is null;

    /// <summary>What keeps a service from using it, in people's words; null when nothing does.</summary>
    public Task<string?> ProblemAsync() => ProblemAsync(talks: true);

    private async Task<string?> ProblemAsync(bool talks)
    {
        using var patience = new CancellationTokenSource(Patience, TimeProvider.System);
        using var socket = new TcpClient();
        string? refused = null;
        try
        {
            await socket.ConnectAsync(site.Host, site.Port, patience.Token);
            await using Stream stream = socket.GetStream();
            if (site.Kind == BrokerKind.Nats)
            {
                // It greets first, and what follows is encrypted.
                await ReadLineAsync(stream, patience.Token);
            }
            if (!site.IsSecured || credentials is null)
            {
                return talks ? await AnswerAsync(stream, patience.Token) : null;
            }
            await using var secured = new SslStream(stream, leaveInnerStreamOpen: true);
            var options = new SslClientAuthenticationOptions();
            new BrokerTls(credentials, problem => refused = problem).Configure(options);
            await secured.AuthenticateAsClientAsync(options, patience.Token);
            // Under TLS 1.3 whoever is refused learns it with the first answer.
            return talks ? await AnswerAsync(secured, patience.Token) : null;
        }
        catch (SocketException)
        {
            return Nobody;
        }
        catch (OperationCanceledException)
        {
            return $"it does not answer within {Patience.TotalSeconds:N0} s";
        }
        catch (Exception error) when (error is AuthenticationException or IOException)
        {
            return refused ?? (_self is null
                ? $"it takes no connection without a certificate, or is no {site.Kind.Name}"
                : $"it does not take the certificate of {_self}, or is no {site.Kind.Name} with TLS");
        }
    }

    private async Task<string?> AnswerAsync(Stream stream, CancellationToken cancellationToken)
    {
        if (site.Kind != BrokerKind.Nats)
        {
            // AMQP 0-9-1, section 4.2.2.
            await stream.WriteAsync("AMQP\0\0\u0009\u0001"u8.ToArray(), cancellationToken);
            var answer = new byte[1];
            await stream.ReadExactlyAsync(answer, cancellationToken);
            // A method; whoever speaks another protocol says which, beginning with its name.
            return answer[0] == 1 ? null : "it does not speak AMQP 0-9-1";
        }
        await stream.WriteAsync("CONNECT {\"verbose\":false,\"pedantic\":false,\"lang\":\"twite\",\"protocol\":1}\r\nPING\r\n"u8.ToArray(), cancellationToken);
        var line = await ReadLineAsync(stream, cancellationToken);
        return line.StartsWith("-ERR", StringComparison.Ordinal) ? $"it lets nobody in {(_self is null ? "without a certificate" : $"as {_self}")}: {line[4..].Trim(' ', '\'')}" : null;
    }

    private static async Task<string> ReadLineAsync(Stream stream, CancellationToken cancellationToken)
    {
        const int Longest = 64 * 1024;
        var (line, one) = (new StringBuilder(), new byte[1]);
        while (line.Length < Longest)
        {
            await stream.ReadExactlyAsync(one, cancellationToken);
            if (one[0] == '\n')
            {
                return line.ToString().TrimEnd('\r');
            }
            line.Append((char)one[0]);
        }
        throw new IOException("A line that is too long.");
    }
}
