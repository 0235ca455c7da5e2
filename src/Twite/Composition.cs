using Anywire;
using Anywire.Grpc;
using Anywire.Http;
using Anywire.InProcess;
using Anywire.Nats;
using Anywire.RabbitMq;
using Anywire.Tcp;
using Anywire.Udp;
using Microsoft.Extensions.Configuration;
using Twite.Accounts;
using Twite.Follows;
using Twite.Hosting;
using Twite.Messages;
using Twite.Notifications;
using Twite.Storage;
using Twite.Topologies;
using Twite.Web;

namespace Twite;

/// <summary>The one place that knows both services and transports: one line adds either.</summary>
internal static class Composition
{
    /// <summary>The wires there are; a new set has in-process names of its own.</summary>
    public static Transports Transports() => new(
        new InProcessTransport(), new HttpTransport(), new GrpcTransport(), new RabbitMqTransport(), new NatsTransport(), new TcpTransport(), new UdpTransport());

    /// <summary>Opens one service.</summary>
    /// <param name="name">Its name in the topology.</param>
    /// <param name="context">What it works with.</param>
    /// <param name="host">The process it is part of.</param>
    /// <param name="readiness">Whether the whole process is ready, for the front end to tell.</param>
    /// <param name="cancellationToken">Gives up opening.</param>
    public static async Task<IServiceModule> OpenAsync(
        string name, ServiceContext context, TwiteHostOptions host, Func<CancellationToken, ValueTask<Readiness>> readiness, CancellationToken cancellationToken) => name switch
        {
            "accounts" => await AccountsModule.OpenAsync(context, AccountsOf(host), cancellationToken),
            "follows" => await FollowsModule.OpenAsync(context, FollowsOf(host), cancellationToken),
            "messages" => await MessagesModule.OpenAsync(context, MessagesOf(host), cancellationToken),
            "notifications" => await NotificationsModule.OpenAsync(context, NotificationsOf(host), cancellationToken),
            ServiceCatalog.Web => await WebModule.OpenAsync(
                context,
                Configured(host, "Web", new WebOptions
                {
                    DataDirectory = host.DataDirectory,
                    Urls = host.Urls,
                    ReceiverAddress = host.ReceiverAddress,
                    CheckReadiness = readiness,
                }),
                cancellationToken),
            _ => throw new TopologyException($"Twite has no service \"{name}\"."),
        };

    /// <summary>What a service's database is opened with.</summary>
    /// <param name="name">One of <see cref="ServiceCatalog.WithDatabase"/>.</param>
    /// <param name="host">Where its data are, and its settings.</param>
    public static DatabaseOptions StorageOf(string name, TwiteHostOptions host) => name switch
    {
        "accounts" => AccountsModule.StorageOf(AccountsOf(host)),
        "follows" => FollowsModule.StorageOf(FollowsOf(host)),
        "messages" => MessagesModule.StorageOf(MessagesOf(host)),
        "notifications" => NotificationsModule.StorageOf(NotificationsOf(host)),
        _ => throw new ArgumentException($"{name} has no database.", nameof(name)),
    };

    private static AccountsOptions AccountsOf(TwiteHostOptions host) => Configured(host, "Accounts", new AccountsOptions
    {
        DataDirectory = host.DataDirectory, Server = StorageSettings.ServerOf(host.Configuration, "Accounts"), Alongside = host.Alongside,
    });

    private static FollowsOptions FollowsOf(TwiteHostOptions host) => Configured(host, "Follows", new FollowsOptions
    {
        DataDirectory = host.DataDirectory, Server = StorageSettings.ServerOf(host.Configuration, "Follows"), Alongside = host.Alongside,
    });

    private static MessagesOptions MessagesOf(TwiteHostOptions host) => Configured(host, "Messages", new MessagesOptions
    {
        DataDirectory = host.DataDirectory, Server = StorageSettings.ServerOf(host.Configuration, "Messages"), Alongside = host.Alongside,
    });

    private static NotificationsOptions NotificationsOf(TwiteHostOptions host) => Configured(host, "Notifications", new NotificationsOptions
    {
        DataDirectory = host.DataDirectory, Server = StorageSettings.ServerOf(host.Configuration, "Notifications"), Alongside = host.Alongside,
    });

    private static T Configured<T>(TwiteHostOptions host, string section, T options)
        where T : class
    {
        try
        {
            host.Configuration.GetSection(section).Bind(options);
        }
        catch (InvalidOperationException error)
        {
            throw new FormatException($"The settings in {section} cannot be understood: {error.Message}", error);
        }
        return options;
    }
}
