using System.Threading.Channels;
using NATS.Client.Core;

namespace Anywire.Nats;

/// <summary>Connections to brokers.</summary>
internal static class NatsConnections
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(5);

    /// <summary>Closes a connection when the broker has what was sent by it, or is not there to take it.</summary>
    public static async Task CloseAsync(NatsConnection connection)
    {
        try
        {
            if (connection.ConnectionState == NatsConnectionState.Open)
            {
                // The broker answers in order.
                await connection.PingAsync().AsTask().WaitAsync(CloseTimeout);
            }
        }
        catch (Exception error) when (error is NatsException or TimeoutException or OperationCanceledException)
        {
            // It has gone.
        }
        await connection.DisposeAsync();
    }

    /// <summary>Connects. The library connects anew by itself whenever that is lost, with growing pauses and jitter.</summary>
    /// <param name="address">The broker.</param>
    /// <param name="name">Who connects, as the broker's lists show it.</param>
    /// <exception cref="NatsException">The broker cannot be reached, or lets too little through.</exception>
    public static async Task<NatsConnection> ConnectAsync(NatsAddress address, string name)
    {
        var connection = new NatsConnection(new NatsOpts
        {
            Url = address.Broker,
            Name = name,
            AuthOpts = new NatsAuthOpts { Username = address.User, Password = address.Password },
            ConnectTimeout = ConnectTimeout,
            PingInterval = PingInterval,
            MaxPingOut = 2,
            // A message that finds its reader busy waits, and the broker with it; the library's own way is to drop it.
            SubPendingChannelFullMode = BoundedChannelFullMode.Wait,
        });
        try
        {
            await connection.ConnectAsync();
            if (connection.ServerInfo is { MaxPayload: < NatsTransport.PayloadBytes } info)
            {
                throw new NatsException($"it lets through at most {info.MaxPayload:N0} bytes. Set max_payload to {NatsTransport.PayloadBytes:N0} in its configuration");
            }
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }
}
