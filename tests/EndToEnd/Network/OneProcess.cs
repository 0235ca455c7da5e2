using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Twite.Hosting;
using Twite.Topologies;

[assembly: AssemblyFixture(typeof(Twite.EndToEnd.OneProcess))]

namespace Twite.EndToEnd;

/// <summary>The whole program as <c>./twite run</c> composes it, within the test's process, in a directory of its own, on a free port.</summary>
public sealed class OneProcess : VisitedNetwork
{
    private readonly string _directory = Directory.CreateTempSubdirectory("twite-end-to-end-").FullName;
    private TwiteHost? _host;

    protected override async Task<string> StartOnceAsync()
    {
        var url = $"http://localhost:{UnusedPorts.Find()}";
        _host = await TwiteHost.StartAsync(
            new TwiteHostOptions
            {
                Topology = TopologyFile.Load("monolith"),
                DataDirectory = Path.Combine(_directory, "data"),
                Urls = [url],
                // Every person of these tests signs up from this machine.
                Configuration = new ConfigurationBuilder().AddInMemoryCollection([new("Accounts:SignUpsPerAddress:Count", "1000")]).Build(),
                Loggers = NullLoggerFactory.Instance,
            },
            CancellationToken.None);
        return url;
    }

    protected override async ValueTask StopAsync()
    {
        if (_host is not null)
        {
            await _host.StopAsync(CancellationToken.None);
        }
        Directory.Delete(_directory, recursive: true);
    }
}
