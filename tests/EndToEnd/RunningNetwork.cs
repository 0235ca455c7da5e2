using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Twite.Hosting;
using Twite.Keys;
using Twite.Topologies;

[assembly: AssemblyFixture(typeof(Twite.EndToEnd.RunningNetwork))]

namespace Twite.EndToEnd;

/// <summary>The whole program as <c>./twite run</c> composes it, in a directory of its own, on a free port of this machine. Everything in one
/// process, unless a wire is named: then every boundary is that wire with mutual TLS.</summary>
public class RunningNetwork : IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("twite-end-to-end-").FullName;
    private TwiteHost _host = null!;

    /// <summary>Where browsers find it; no slash at the end.</summary>
    public string Url { get; private set; } = "";

    /// <summary>The scheme of every boundary's address; null for one process.</summary>
    protected virtual string? Wire => null;

    public async ValueTask InitializeAsync()
    {
        string[] services = [.. ServiceCatalog.Services.Keys];
        var ports = FreePorts(services.Length + 1);
        Url = $"http://localhost:{ports[^1]}";
        _host = await TwiteHost.StartAsync(
            new TwiteHostOptions
            {
                Topology = Wire is null
                    ? TopologyFile.Load("monolith")
                    : TopologyFile.Parse(
                        $$"""{ "services": { {{string.Join(", ", services.Select((s, i) => $"\"{s}\": {{ \"listen\": [\"{Wire}://127.0.0.1:{ports[i]}\"] }}"))}} } }""", "a test's"),
                CertificateDirectory = Wire is null ? null : MakeKeys(services),
                DataDirectory = Path.Combine(_directory, "data"),
                Urls = [Url],
                // Every person of these tests signs up from this machine.
                Configuration = new ConfigurationBuilder()
                    .AddInMemoryCollection([new("Accounts:SignUpsPerAddress:Count", "1000"), new("Accounts:SignUpsPerAddress:Window", "00:30:00")])
                    .Build(),
                Loggers = NullLoggerFactory.Instance,
            },
            CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync(CancellationToken.None);
        Directory.Delete(_directory, recursive: true);
        GC.SuppressFinalize(this);
    }

    private string MakeKeys(IEnumerable<string> services)
    {
        var keys = Path.Combine(_directory, "keys");
        KeyFolder.At(keys, null, TimeProvider.System).Update(services);
        return keys;
    }

    private static List<int> FreePorts(int count)
    {
        var probes = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        probes.ForEach(p => p.Start());
        var ports = probes.Select(p => ((IPEndPoint)p.LocalEndpoint).Port).ToList();
        probes.ForEach(p => p.Dispose());
        return ports;
    }
}

/// <summary>Every boundary is REST over HTTP.</summary>
public sealed class HttpNetwork : RunningNetwork
{
    protected override string Wire => "https";
}

/// <summary>Every boundary is gRPC.</summary>
public sealed class GrpcNetwork : RunningNetwork
{
    protected override string Wire => "grpcs";
}
