using System.Diagnostics;
using Twite.Brokers;
using Twite.Hosting;
using Twite.Keys;
using Twite.Lab;
using Twite.Topologies;

namespace Twite.Comparing;

/// <summary>A broker for one column of the lab, as twite up --with-broker starts it.</summary>
internal sealed class LabBroker : IBroker
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly BrokerChild _child;
    private readonly Process _process;

    private LabBroker(BrokerChild child, int port) => (_child, _process, Port) = (child, Process.GetProcessById(child.Id), port);

    /// <inheritdoc/>
    public int Port { get; }

    /// <inheritdoc/>
    public TimeSpan Cpu
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Starts it.</summary>
    /// <param name="topology">Every address of it leads to the broker.</param>
    /// <param name="keys">The folder of keys.</param>
    /// <param name="data">The directory for its files.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="IOException">It is not installed, or does not start.</exception>
    public static async Task<LabBroker> StartAsync(Topology topology, string keys, string data, TimeProvider time, CancellationToken cancellationToken)
    {
        var site = BrokerSite.In(topology).Single();
        var program = site.Kind.Installed ?? throw new IOException(site.Kind.NotInstalled);
        var setup = BrokerSetup.Of(site, BrokerRights.Of(topology, KeyFolder.At(keys, authority: null, time).Clients));
        var start = BrokerStart.Prepare(setup, program, data, KeyFolder.Of(keys, KeyFolder.Broker));
        var said = "";
        var child = BrokerChild.Start(start, new BrokerProbe(site, CertificateFolder.Load(keys, KeyFolder.Broker)), line => said = line);
        try
        {
            return await IsReadyAsync(child).WaitAsync(Patience, time, cancellationToken)
                ? new LabBroker(child, site.Port)
                : throw new IOException($"{site.Kind.Name} has ended as it started. {said}");
        }
        catch (Exception error)
        {
            await EndAsync(child);
            throw error is TimeoutException ? new IOException($"{site.Kind.Name} does not take connections. {said}", error) : error;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _process.Dispose();
        await EndAsync(_child);
    }

    private static async Task<bool> IsReadyAsync(BrokerChild child)
    {
        await foreach (var _ in child.ReadReportsAsync())
        {
            return true;
        }
        return false;
    }

    // What it keeps is thrown away anyway.
    private static async Task EndAsync(BrokerChild child)
    {
        child.Kill();
        await child.WaitForExitAsync();
        child.Dispose();
    }
}
