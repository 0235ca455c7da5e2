using System.Security.Authentication;
using Anywire.Messaging;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Anywire.RabbitMq;

/// <summary>Connections to brokers.</summary>
internal static class RabbitMqConnections
{
    // A peer that is silent for two of these is gone (AMQP 0-9-1, section 4.2.7).
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RecoveryPause = TimeSpan.FromSeconds(1);

    /// <summary>How long a broker may take to answer when that is waited for in order to stop: one that has no room reads nothing.</summary>
    public static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(2);

    /// <summary>Connects to one of the nodes of a broker. The library connects anew by itself whenever that is lost, to any of them, and declares anew what was
    /// declared.</summary>
    /// <param name="nodes">The nodes.</param>
    /// <param name="credentials">What we prove ourselves with; null without TLS.</param>
    /// <param name="name">Who connects, as the broker's lists show it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="BrokerUnreachableException">None can be reached, or it is not who it should be.</exception>
    public static async Task<IConnection> ConnectAsync(
        IReadOnlyList<RabbitMqAddress> nodes, ServiceCredentials? credentials, string name, CancellationToken cancellationToken)
    {
        var address = nodes[0];
        var factory = new ConnectionFactory
        {
            VirtualHost = address.VirtualHost,
            RequestedHeartbeat = Heartbeat,
            NetworkRecoveryInterval = RecoveryPause,
            AutomaticRecoveryEnabled = true,
            TopologyRecoveryEnabled = true,
            ClientProvidedName = name,
        };
        string? problem = null;
        var tls = credentials is null ? new SslOption() : Tls(credentials, new BrokerTls(credentials, p => problem = p));
        if (address.User is { } user)
        {
            (factory.UserName, factory.Password) = (user, address.Password ?? "");
        }
        else if (credentials is not null)
        {
            // The certificate says who we are.
            factory.AuthMechanisms = [new ExternalMechanismFactory()];
        }
        try
        {
            return await factory.CreateConnectionAsync(nodes.Select(n => new AmqpTcpEndpoint(n.Host, n.Port, tls)), cancellationToken);
        }
        catch (BrokerUnreachableException) when (problem is not null)
        {
            throw new BrokerUnreachableException(new AuthenticationException(problem));
        }
    }

    /// <summary>Why the broker did not do something, when nobody has given up on it, in people's words. The library ends what it has waited for long enough
    /// (20 s) as if it had been cancelled.</summary>
    public static string ReasonOf(Exception error) => error is OperationCanceledException
        ? "The broker did not answer in time"
        : (error is BrokerUnreachableException ? error.GetBaseException() : error).Message.TrimEnd('.');

    /// <summary>Takes no more by a consumer, once the broker says so, or is not there to say it, or takes nothing: what it has not seen acknowledged it gives to
    /// another instance.</summary>
    public static async Task CancelAsync(IChannel channel, string consumer) =>
        await channel.BasicCancelAsync(consumer).WaitAsync(CloseTimeout).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    /// <summary>Closes a connection when the broker has what was sent by it, or is not there to take it, or takes nothing.</summary>
    public static async Task CloseAsync(IConnection connection)
    {
        // The library is more patient with a broker that does not answer, and goes on by itself.
        await EndAsync(connection).WaitAsync(CloseTimeout).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static async Task EndAsync(IConnection connection)
    {
        await connection.AbortAsync();
        await connection.DisposeAsync();
    }

    private static SslOption Tls(ServiceCredentials credentials, BrokerTls tls) => new(BrokerTls.BrokerName, enabled: true)
    {
        Version = BrokerTls.Versions,
        Certs = [credentials.Certificate],
        CertificateSelectionCallback = tls.Select,
        CertificateValidationCallback = tls.Accepts,
    };
}
