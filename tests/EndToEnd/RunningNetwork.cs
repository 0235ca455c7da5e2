using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Twite.Hosting;
using Twite.Topologies;

[assembly: AssemblyFixture(typeof(Twite.EndToEnd.RunningNetwork))]

namespace Twite.EndToEnd;

/// <summary>The whole program as <c>./twite run</c> composes it, in a directory of its own, on a free port of this machine.</summary>
public sealed class RunningNetwork : IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("twite-end-to-end-").FullName;
    private TwiteHost _host = null!;

    /// <summary>Where browsers find it; no slash at the end.</summary>
    public string Url { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        Url = $"http://localhost:{FreePort()}";
        _host = await TwiteHost.StartAsync(
            new TwiteHostOptions
            {
                Topology = TopologyFile.Load("monolith"),
                DataDirectory = _directory,
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
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
