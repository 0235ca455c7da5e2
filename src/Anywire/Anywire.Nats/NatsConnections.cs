using System.Security.Authentication;
using System.Threading.Channels;
using Anywire.Messaging;
using NATS.Client.Core;

namespace Anywire.Nats;

/// <summary>Connections to brokers.</summary>
internal static class NatsConnections
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(5);

    // The library's own grow to 5 s: so long people would wait for a broker that is back.
    private static readonly TimeSpan FirstReconnectPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestReconnectPause = TimeSpan.FromSeconds(1);

    /// <summary>How long a broker may take to say that it has what it was sent, when that is waited for in order to stop.</summary>
    public static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(1);

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
        try
        {
            await connection.DisposeAsync();
        }
        catch (NatsException)
        {
            // Its socket is closed first; then it would tell the broker, in vain, whose subscriptions end.
        }
    }

    /// <summary>Connects. The library connects anew by itself whenever that is lost, with growing pauses and jitter.</summary>
    /// <param name="nodes">The broker's nodes.</param>
    /// <param name="credentials">What we prove ourselves with; null without TLS.</param>
    /// <param name="self">The service that connects.</param>
    /// <param name="name">Who connects, as the broker's lists show it.</param>
    /// <exception cref="NatsException">The broker cannot be reached, or lets too little through.</exception>
    public static async Task<NatsConnection> ConnectAsync(IReadOnlyList<NatsAddress> nodes, ServiceCredentials? credentials, string self, string name)
    {
        string? problem = null;
        var address = nodes[0];
        var connection = new NatsConnection(new NatsOpts
        {
            Url = string.Join(",", nodes.Select(n => n.Broker)),
            Name = name,
            AuthOpts = new NatsAuthOpts { Username = address.User, Password = address.Password },
            TlsOpts = credentials is null ? NatsTlsOpts.Default : Tls(new BrokerTls(credentials, p => problem = p)),
            InboxPrefix = address.InboxOf(self),
            ConnectTimeout = ConnectTimeout,
            PingInterval = PingInterval,
            MaxPingOut = 2,
            ReconnectWaitMin = FirstReconnectPause,
            ReconnectWaitMax = LongestReconnectPause,
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
        catch (NatsException) when (problem is not null)
        {
            await connection.DisposeAsync();
            throw new NatsException(problem, new AuthenticationException(problem));
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private static NatsTlsOpts Tls(BrokerTls tls) => new()
    {
        Mode = TlsMode.Require,
        ConfigureClientAuthentication = options =>
        {
            tls.Configure(options);
            return ValueTask.CompletedTask;
        },
    };
}
