using System.Collections.Frozen;
using System.Globalization;
using Anywire.Certificates;
using Twite.Hosting;

namespace Anywire.Brokers;

/// <summary>A NATS server of the tests' own: in a directory of its own, on loopback, removed with all that it has when it is disposed. Any thread may use it.</summary>
public sealed class NatsBroker : IAsyncDisposable
{
    private readonly BrokerProcess _process;

    private NatsBroker()
    {
        Port = UnusedPorts.Find();
        _process = new BrokerProcess("nats", "/usr/sbin/nats-server", Port);
    }

    /// <summary>Where it listens on loopback.</summary>
    public int Port { get; }

    private string File(string name) => Path.Combine(_process.Directory, name);

    private string Configuration => Path.Combine(_process.Directory, "nats.conf");

    /// <summary>Whom its certificate and those of its clients are of.</summary>
    public TestAuthority Authority { get; } = new();

    /// <summary>Makes one and starts it.</summary>
    /// <param name="isSecured">Whether it takes TLS alone, and knows its users by their certificates.</param>
    public static async Task<NatsBroker> StartAsync(bool isSecured = false)
    {
        var broker = new NatsBroker();
        await BrokerCertificate.WriteAsync(broker.Authority, broker._process.Directory);
        var tls = isSecured
            ? $$"""
                tls { cert_file: "{{broker.File("broker.pem")}}", key_file: "{{broker.File("broker.key")}}", ca_file: "{{broker.File("ca.pem")}}", verify_and_map: true }
                authorization { users = [ {{string.Join(", ", TestAuthority.Names.Select(n => $"{{ user: \"{n}\" }}"))}} ] }
                """
            : "";
        await System.IO.File.WriteAllTextAsync(broker.Configuration, string.Create(CultureInfo.InvariantCulture,
            $$"""
            listen: "127.0.0.1:{{broker.Port}}"
            max_payload: 8388608
            jetstream { store_dir: "{{broker._process.Directory}}/jetstream" }
            {{tls}}
            """));
        await broker.StartAgainAsync();
        return broker;
    }

    /// <summary>Starts it after <see cref="KillAsync"/>, on the same port; returns when it takes connections.</summary>
    public Task StartAgainAsync() => _process.StartAsync(["-c", Configuration], FrozenDictionary<string, string>.Empty);

    /// <summary>What it has used of the processors since it was started.</summary>
    public TimeSpan CpuTime => _process.CpuTime;

    /// <summary>Ends it as a power cut would.</summary>
    public Task KillAsync() => _process.KillAsync();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
