using System.Collections.Frozen;
using Anywire;
using Anywire.Brokers;
using Anywire.Certificates;
using Anywire.Grpc;
using Anywire.Http;
using Anywire.InProcess;
using Anywire.Nats;
using Anywire.RabbitMq;
using Anywire.Tcp;
using Anywire.Wire;
using Microsoft.Extensions.Logging.Abstractions;
using Twite.Accounts;
using Twite.Follows;
using Twite.Messages;
using Twite.Notifications;
using Twite.Postgres;
using Twite.Storage;

[assembly: AssemblyFixture(typeof(PostgresTestServer))]
[assembly: AssemblyFixture(typeof(RabbitMqTestServer))]
[assembly: AssemblyFixture(typeof(SecuredNatsTestServer))]

namespace Twite.Services.Bed;

/// <summary>A wire to run the suites over.</summary>
public abstract class Carrier : IAsyncDisposable
{
    /// <summary>The transport, new for each bed.</summary>
    public abstract ITransport Transport { get; }

    /// <summary>Where a service is to listen.</summary>
    public abstract Endpoint EndpointOf(string service);

    /// <summary>Where one more front end is to listen: each has an address of its own.</summary>
    public virtual Endpoint EndpointOfFrontEnd(int number) => EndpointOf("web");

    /// <summary>What a service proves itself with; null where nothing leaves the process.</summary>
    public virtual ServiceCredentials? CredentialsOf(string service) => null;

    /// <summary>Whether a service keeps its tables where <see cref="CreateDatabaseAsync"/> says, and not in files.</summary>
    public virtual bool IsOnServer(string service) => true;

    /// <summary>Starts what the wire needs beside the services.</summary>
    public virtual Task OpenAsync() => Task.CompletedTask;

    /// <summary>Where the services keep their tables; null for files.</summary>
    public virtual Task<string?> CreateDatabaseAsync() => Task.FromResult<string?>(null);

    public virtual ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>Messages are handed over; each is compared before and after.</summary>
    public sealed class InProcess : Carrier
    {
        public override ITransport Transport { get; } = new InProcessTransport(new InProcessOptions { VerifyHandOver = true });

        public override Endpoint EndpointOf(string service) => Endpoint.Parse($"inproc:{service}");

        public override Endpoint EndpointOfFrontEnd(int number) => EndpointOf($"web-{number}");
    }

    /// <summary>Messages go through serializer and frames.</summary>
    public sealed class WireForced : Carrier
    {
        public override ITransport Transport { get; } = new WireTransport();

        public override Endpoint EndpointOf(string service) => Endpoint.Parse($"wire:{service}");

        public override Endpoint EndpointOfFrontEnd(int number) => EndpointOf($"web-{number}");
    }

    /// <summary>The same with the tables on a PostgreSQL server.</summary>
    /// <param name="server">The server.</param>
    /// <param name="only">The only service whose tables are there, where a suite is about that one; null: all services.</param>
    public sealed class WireForcedOnServer(PostgresTestServer server, string? only = null) : Carrier
    {
        public override bool IsOnServer(string service) => only is null || only == service;

        public override ITransport Transport { get; } = new WireTransport();

        public override Endpoint EndpointOf(string service) => Endpoint.Parse($"wire:{service}");

        public override Endpoint EndpointOfFrontEnd(int number) => EndpointOf($"web-{number}");

        public override async Task<string?> CreateDatabaseAsync() => await server.CopyDatabaseAsync(PrepareAsync);

        // Each bed begins with all tables made.
        private static async Task PrepareAsync(string connectionString)
        {
            foreach (var module in new[] { typeof(AccountsModule), typeof(FollowsModule), typeof(MessagesModule), typeof(NotificationsModule) })
            {
                await using var database = await Database.OpenAsync(
                    new DatabaseOptions
                    {
                        Path = module.Name[..^"Module".Length].ToLowerInvariant(),
                        Server = new PostgresServer(connectionString, "Storage:ConnectionString"),
                        Migrations = module.Assembly,
                    },
                    NullLoggerFactory.Instance, TimeProvider.System, default);
            }
        }
    }

    /// <summary>Messages go by gRPC over loopback sockets with mutual TLS.</summary>
    public sealed class Grpc() : Secured(new GrpcTransport(), "grpcs://127.0.0.1:0");

    /// <summary>Messages go as JSON over HTTP/2 with mutual TLS, by the routes of the contracts.</summary>
    public sealed class HttpJson() : Secured(new HttpTransport(), "https://127.0.0.1:0");

    /// <summary>The same in protobuf; among the long forms, since the conformance suite shows the codec in the short one.</summary>
    public sealed class HttpProtobuf : Secured
    {
        public HttpProtobuf()
            : base(new HttpTransport(), "https://127.0.0.1:0?codec=protobuf") =>
            LongForm.Require();
    }

    /// <summary>Messages go in frames over sockets of their own, with mutual TLS.</summary>
    public sealed class Tcp() : Secured(new TcpTransport(), "tcps://127.0.0.1:0");

    /// <summary>Messages go through a RabbitMQ with TLS.</summary>
    public sealed class RabbitMq(RabbitMqTestServer server) : OverBroker<RabbitMqBroker>(
        new RabbitMqTransport(), server, static broker => $"amqps://127.0.0.1:{broker.SecuredPort}", static broker => broker.Authority);

    /// <summary>Messages go through a NATS server with TLS.</summary>
    public sealed class Nats(SecuredNatsTestServer server) : OverBroker<NatsBroker>(
        new NatsTransport(), server, static broker => $"natss://127.0.0.1:{broker.Port}", static broker => broker.Authority);

    /// <summary>Messages go through a broker, each bed's in a network of its own.</summary>
    public abstract class OverBroker<TBroker>(
        ITransport transport, TestServer<TBroker> server, Func<TBroker, string> addressOf, Func<TBroker, TestAuthority> authorityOf) : Carrier
        where TBroker : IAsyncDisposable
    {
        private readonly string _network = Guid.NewGuid().ToString("N");
        private TBroker? _broker;
        private int _frontEnds;

        public override ITransport Transport { get; } = new AwaitedEvents(transport);

        public override async Task OpenAsync() => _broker = await server.BrokerAsync();

        // Front ends are told apart: each gets updates of its own.
        public override Endpoint EndpointOf(string service) => Endpoint.Parse(
            $"{addressOf(_broker!)}?network={_network}" + (service == "web" ? $"&instance={Interlocked.Increment(ref _frontEnds)}" : ""));

        public override ServiceCredentials CredentialsOf(string service) => authorityOf(_broker!).For(service);
    }

    public abstract class Secured(ITransport transport, string address) : Carrier
    {
        // Made once: no test here is about them, and keys cost more than a test.
        private static readonly TestAuthority Authority = new();
        private static readonly FrozenDictionary<string, ServiceCredentials> Credentials =
            new[] { "accounts", "follows", "messages", "notifications", "web", "admin" }.ToFrozenDictionary(name => name, Authority.For);

        public override ITransport Transport => transport;

        public override Endpoint EndpointOf(string service) => Endpoint.Parse(address);

        public override ServiceCredentials CredentialsOf(string service) =>
            Credentials.TryGetValue(service, out var known) ? known : Authority.For(service);
    }
}
