using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Anywire.Certificates;
using Twite.Hosting;

namespace Anywire.Brokers;

/// <summary>A RabbitMQ of the tests' own: in a directory of its own, on loopback, removed with all that it has when it is disposed. What Debian's package may
/// have started is neither needed nor touched. Any thread may use it.</summary>
public sealed class RabbitMqBroker : IAsyncDisposable
{
    private readonly BrokerProcess _process;
    private readonly Queue<int> _ports = new(UnusedPorts.Find(4));
    private readonly string _distributionPort;
    private readonly string _portMapperPort;
    private readonly RabbitMqBroker? _joined;

    private RabbitMqBroker(RabbitMqBroker? joined)
    {
        _joined = joined;
        Port = _ports.Dequeue();
        SecuredPort = _ports.Dequeue();
        _distributionPort = _ports.Dequeue().ToString(CultureInfo.InvariantCulture);
        _portMapperPort = joined?._portMapperPort ?? _ports.Dequeue().ToString(CultureInfo.InvariantCulture);
        // The wrapper in /usr/sbin switches user.
        _process = new BrokerProcess("rabbitmq", "/usr/lib/rabbitmq/bin/rabbitmq-server", Port);
    }

    /// <summary>Where it listens on loopback.</summary>
    public int Port { get; }

    /// <summary>Where it listens with TLS, for those that have a certificate of <see cref="Authority"/>.</summary>
    public int SecuredPort { get; }

    /// <summary>Whom its certificate and those of its clients are of.</summary>
    public TestAuthority Authority { get; } = new();

    /// <summary>Makes one and starts it.</summary>
    /// <param name="maxMessageBytes">The largest message that it takes. Default: what it has itself.</param>
    /// <param name="joined">The one with which it is one cluster, which is disposed after it; null when it is by itself.</param>
    public static async Task<RabbitMqBroker> StartAsync(int maxMessageBytes = 128 * 1024 * 1024, RabbitMqBroker? joined = null)
    {
        var broker = new RabbitMqBroker(joined);
        await broker.PrepareAsync(maxMessageBytes);
        await broker.StartAgainAsync();
        return broker;
    }

    /// <summary>Starts it after <see cref="KillAsync"/>, on the same port; returns when it takes connections.</summary>
    public Task StartAgainAsync() => _process.StartAsync([], Environment);

    /// <summary>Has it do something, as its operator.</summary>
    public async Task CtlAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("/usr/lib/rabbitmq/bin/rabbitmqctl", arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in Environment)
        {
            start.Environment[name] = value;
        }
        using var ctl = Process.Start(start)!;
        var (said, errors) = (ctl.StandardOutput.ReadToEndAsync(), ctl.StandardError.ReadToEndAsync());
        await ctl.WaitForExitAsync();
        if (ctl.ExitCode != 0)
        {
            throw new InvalidOperationException($"rabbitmqctl {string.Join(' ', arguments)} ended with {ctl.ExitCode}: {await said}{await errors}");
        }
    }

    /// <summary>What it has used of the processors since it was started.</summary>
    public TimeSpan CpuTime => BrokerProcess.CpuTimeOf(int.Parse(System.IO.File.ReadAllText(File("pid")), CultureInfo.InvariantCulture));

    /// <summary>Ends it as a power cut would.</summary>
    public Task KillAsync() => _process.KillAsync();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        if (_joined is null)
        {
            await EndPortMapperAsync();
        }
    }

    private Dictionary<string, string> Environment => new(StringComparer.Ordinal)
    {
        ["HOME"] = _process.Directory,
        ["RABBITMQ_NODENAME"] = NodeName,
        ["RABBITMQ_CONFIG_FILE"] = File("rabbitmq.conf"),
        ["RABBITMQ_MNESIA_BASE"] = File("mnesia"),
        ["RABBITMQ_LOG_BASE"] = File("log"),
        ["RABBITMQ_ENABLED_PLUGINS_FILE"] = File("enabled_plugins"),
        ["RABBITMQ_DIST_PORT"] = _distributionPort,
        ["RABBITMQ_PID_FILE"] = File("pid"),
        ["RABBITMQ_CONF_ENV_FILE"] = "/dev/null",
        ["ERL_EPMD_PORT"] = _portMapperPort,
        ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
        ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "+S 2:2 -kernel inet_dist_use_interface {127,0,0,1}",
    };

    private string NodeName => $"twite{Port}@localhost";

    private string File(string name) => Path.Combine(_process.Directory, name);

    private async Task PrepareAsync(int maxMessageBytes)
    {
        var cookie = File(".erlang.cookie");
        await System.IO.File.WriteAllTextAsync(cookie, _joined is null ? RandomNumberGenerator.GetHexString(20) : await System.IO.File.ReadAllTextAsync(_joined.File(".erlang.cookie")));
        if (!OperatingSystem.IsWindows())
        {
            // Erlang refuses a cookie that others can read.
            System.IO.File.SetUnixFileMode(cookie, UnixFileMode.UserRead);
        }
        await System.IO.File.WriteAllTextAsync(File("rabbitmq.conf"), string.Create(CultureInfo.InvariantCulture,
            $"""
            listeners.tcp.1 = 127.0.0.1:{Port}
            listeners.ssl.1 = 127.0.0.1:{SecuredPort}
            ssl_options.cacertfile = {File("ca.pem")}
            ssl_options.certfile = {File("broker.pem")}
            ssl_options.keyfile = {File("broker.key")}
            ssl_options.verify = verify_peer
            ssl_options.fail_if_no_peer_cert = true
            auth_mechanisms.1 = EXTERNAL
            auth_mechanisms.2 = PLAIN
            ssl_cert_login_from = common_name
            load_definitions = {File("definitions.json")}
            log.console = false
            max_message_size = {maxMessageBytes}
            disk_free_limit.absolute = 50MB
            {(_joined is null ? "" : $"cluster_formation.classic_config.nodes.1 = {_joined.NodeName}")}
            """));
        await System.IO.File.WriteAllTextAsync(File("enabled_plugins"), "[rabbitmq_auth_mechanism_ssl].");
        await System.IO.File.WriteAllTextAsync(File("definitions.json"), Definitions());
        await BrokerCertificate.WriteAsync(Authority, _process.Directory);
    }

    // With definitions the broker makes no user of its own.
    private static string Definitions() => JsonSerializer.Serialize(new
    {
        vhosts = new[] { new { name = "/" } },
        users = TestAuthority.Names.Select(name => new { name, password_hash = "", tags = "" })
            .Append(new { name = "guest", password_hash = HashOf("guest"), tags = "administrator" }),
        permissions = TestAuthority.Names.Append("guest").Select(user => new { user, vhost = "/", configure = ".*", write = ".*", read = ".*" }),
    });

    // https://www.rabbitmq.com/docs/passwords: a salt of 4 bytes, then SHA-256 of it and the password.
    private static string HashOf(string password)
    {
        var salt = RandomNumberGenerator.GetBytes(4);
        return Convert.ToBase64String([.. salt, .. SHA256.HashData([.. salt, .. System.Text.Encoding.UTF8.GetBytes(password)])]);
    }

    // Erlang starts it beside the broker, and it stays.
    private async Task EndPortMapperAsync()
    {
        using var ending = Process.Start(new ProcessStartInfo("epmd", ["-port", _portMapperPort, "-kill"])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        });
        await ending!.WaitForExitAsync();
    }
}
