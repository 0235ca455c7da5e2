using RabbitMQ.Client;

namespace Anywire.RabbitMq;

/// <summary>Connections to brokers.</summary>
internal static class RabbitMqConnections
{
    // A peer that is silent for two of these is gone (AMQP 0-9-1, section 4.2.7).
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RecoveryPause = TimeSpan.FromSeconds(1);

    /// <summary>Connects. The library connects anew by itself whenever that is lost, and declares anew what was declared.</summary>
    /// <param name="address">The broker.</param>
    /// <param name="name">Who connects, as the broker's lists show it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static Task<IConnection> ConnectAsync(RabbitMqAddress address, string name, CancellationToken cancellationToken)
    {
        var factory = new ConnectionFactory
        {
            HostName = address.Host,
            Port = address.Port,
            VirtualHost = address.VirtualHost,
            RequestedHeartbeat = Heartbeat,
            NetworkRecoveryInterval = RecoveryPause,
            AutomaticRecoveryEnabled = true,
            TopologyRecoveryEnabled = true,
            ClientProvidedName = name,
        };
        if (address.User is { } user)
        {
            factory.UserName = user;
        }
        if (address.Password is { } password)
        {
            factory.Password = password;
        }
        return factory.CreateConnectionAsync(cancellationToken);
    }
}
