using System.Collections.Immutable;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Anywire;
using NATS.Client.Core;
using RabbitMQ.Client;
using Twite.Brokers;
using Twite.Hosting;
using Twite.Keys;
using Twite.Supervision;
using Twite.Topologies;

namespace Twite.ProgramTests.Brokers;

/// <summary>A broker as <c>twite up --with-broker</c> runs it, in a directory of its own on a free port, with a cluster's keys; and connections to it as one
/// service or another. Removed with all that it has when it is disposed.</summary>
internal sealed class BrokerBed : IAsyncDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("twite-broker-");
    private BrokerChild? _child;
    private Task _reports = Task.CompletedTask;

    private BrokerBed(string scheme)
    {
        var port = UnusedPorts.Find();
        var listen = $"{scheme}://127.0.0.1:{port}{(scheme == BrokerKind.RabbitMq.Scheme ? "/twite" : "")}";
        Topology = TopologyFile.Parse(
            $$"""{ "services": { {{string.Join(", ", ServiceCatalog.Services.Keys.Select(s => $$"""  "{{s}}": { "listen": ["{{listen}}"] }"""))}} } }""", "test.json");
        Site = BrokerSite.In(Topology).Single();
        Keys = KeyFolder.At(KeyDirectory, authority: null, TimeProvider.System);
        Keys.Update([.. ServiceCatalog.Services.Keys, KeyFolder.Broker, BrokerRights.Operator]);
        // It is known at the broker; whoever is issued a certificate later is not.
        Keys.Issue("bot");
    }

    /// <summary>All services at the broker.</summary>
    public Topology Topology { get; }

    /// <summary>The broker.</summary>
    public BrokerSite Site { get; }

    /// <summary>The cluster's keys.</summary>
    public KeyFolder Keys { get; }

    /// <summary>Where they are.</summary>
    public string KeyDirectory => PathOf("keys");

    /// <summary>What it wrote.</summary>
    public ImmutableQueue<string> Log { get; private set; } = [];

    /// <summary>Starts a broker; returns when it takes connections.</summary>
    public static async Task<BrokerBed> StartAsync(BrokerKind kind)
    {
        Assert.True(kind.Installed is not null, $"{kind.Name} is not installed: run eng/install-test-packages");
        var bed = new BrokerBed(kind.Scheme);
        await bed.StartAsync();
        return bed;
    }

    /// <summary>A path in the test's directory.</summary>
    public string PathOf(string name) => Path.Combine(_directory.FullName, name);

    /// <summary>What a service, or a client, proves itself with.</summary>
    public ServiceCredentials CredentialsOf(string name) => CertificateFolder.Load(KeyDirectory, name);

    /// <summary>That of another cluster.</summary>
    public ServiceCredentials Stranger(string name)
    {
        KeyFolder.At(PathOf("others"), authority: null, TimeProvider.System).Update([name]);
        return new ServiceCredentials(CertificateFolder.Load(PathOf("others"), name).Certificate, CredentialsOf("web").Authorities);
    }

    /// <summary>Connects to RabbitMQ.</summary>
    public Task<IConnection> RabbitMqAsync(ServiceCredentials? credentials, params IEnumerable<IAuthMechanismFactory> mechanisms) => new ConnectionFactory
    {
        HostName = Site.Host,
        Port = Site.Port,
        VirtualHost = Site.VirtualHost,
        AuthMechanisms = mechanisms.Any() ? mechanisms : [new ExternalMechanismFactory()],
        AutomaticRecoveryEnabled = false,
        Ssl = new SslOption(KeyFolder.Broker, enabled: true)
        {
            Version = SslProtocols.Tls12 | SslProtocols.Tls13,
            Certs = credentials is null ? null : [credentials.Certificate],
            CertificateSelectionCallback = (_, _, _, _, _) => credentials?.Certificate!,
            CertificateValidationCallback = (_, broker, _, _) => CredentialsOf("web").IsTrusted((X509Certificate2)broker!),
        },
    }.CreateConnectionAsync();

    /// <summary>Connects to NATS.</summary>
    /// <param name="credentials">What to prove oneself with.</param>
    /// <param name="inbox">What the subjects of answers begin with.</param>
    public async Task<NatsConnection> NatsAsync(ServiceCredentials? credentials, string inbox)
    {
        var connection = new NatsConnection(new NatsOpts
        {
            Url = $"nats://{Site.Host}:{Site.Port}",
            InboxPrefix = inbox,
            MaxReconnectRetry = 0,
            TlsOpts = new NatsTlsOpts
            {
                Mode = TlsMode.Require,
                ConfigureClientAuthentication = options =>
                {
                    options.TargetHost = KeyFolder.Broker;
                    options.LocalCertificateSelectionCallback = (_, _, _, _, _) => credentials?.Certificate!;
                    options.ClientCertificates = credentials is null ? null : [credentials.Certificate];
                    options.RemoteCertificateValidationCallback = (_, broker, _, _) => CredentialsOf("web").IsTrusted((X509Certificate2)broker!);
                    return ValueTask.CompletedTask;
                },
            },
        });
        await connection.ConnectAsync();
        return connection;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_child is not null)
        {
            _child.Stop();
            await _child.WaitForExitAsync();
            await _reports;
            _child.Dispose();
        }
        _directory.Delete(recursive: true);
    }

    private async Task StartAsync()
    {
        var setup = BrokerSetup.Of(Site, BrokerRights.Of(Topology, Keys.Clients));
        _child = BrokerChild.Start(
            BrokerStart.Prepare(setup, Site.Kind.Installed!, PathOf("broker"), Path.Combine(KeyDirectory, KeyFolder.Broker)), new BrokerProbe(Site, CredentialsOf(KeyFolder.Broker)),
            line => Log = Log.Enqueue(line));
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _reports = Task.Run(async () =>
        {
            await foreach (var report in _child.ReadReportsAsync())
            {
                Assert.Equal(ChildState.Ready, report.State);
                ready.TrySetResult();
            }
            ready.TrySetException(new InvalidOperationException($"The broker ended: {string.Join('\n', Log)}"));
        });
        await ready.Task.WaitAsync(TimeSpan.FromMinutes(2));
    }
}
