using System.Collections.Immutable;
using Anywire;
using Microsoft.Extensions.Logging;
using Twite.Brokers;
using Twite.Hosting;
using Twite.Keys;
using Twite.Lab;
using Twite.Topologies;

namespace Twite.Comparing;

/// <summary>The lab's door to the program: its keys, its brokers, its network.</summary>
internal sealed class LabHost(ILoggerFactory loggers, TimeProvider time) : ILabHost
{
    /// <inheritdoc/>
    public void MakeKeys(string folder) =>
        KeyFolder.At(folder, authority: null, time).Update([.. ServiceCatalog.Services.Keys, KeyFolder.Broker, BrokerRights.Operator]);

    /// <inheritdoc/>
    public ServiceCredentials LoadKeys(string keys, string service) => CertificateFolder.Load(keys, service);

    /// <inheritdoc/>
    public async Task<IBroker> StartBrokerAsync(Column column, string keys, string data, CancellationToken cancellationToken) =>
        await LabBroker.StartAsync(TopologyOf(column, UnusedPorts.Find()), keys, data, time, cancellationToken);

    /// <inheritdoc/>
    public async Task<INetwork> StartNetworkAsync(Column column, string keys, string data, int port, Func<int, int>? before, CancellationToken cancellationToken) =>
        await LabNetwork.StartAsync(column.Wires!(), TopologyOf(column, port, before), keys, data, loggers, cancellationToken);

    // Every service at the one port of a broker; or, when that is 0, each at one of its own.
    private static Topology TopologyOf(Column column, int port, Func<int, int>? before = null)
    {
        var count = ServiceCatalog.Services.Count * 2;
        var ports = new Queue<int>(port == 0 ? UnusedPorts.Find(count) : Enumerable.Repeat(port, count));
        return new Topology($"of the lab for {column.Name}", ServiceCatalog.Services.Keys.ToImmutableSortedDictionary(
            name => name, name => Placed(name, column.AddressOf(name, ports.Dequeue()), column.BesideOf(name, ports.Dequeue()), before), StringComparer.Ordinal));
    }

    private static PlacedService Placed(string service, Endpoint address, Endpoint? beside, Func<int, int>? before)
    {
        ImmutableArray<Endpoint> And(Endpoint own) => beside is null ? [own] : [own, beside];
        return new PlacedService(service, [new PlacedInstance(service, service, And(address), And(before is null ? address : address.WithPort(before(address.Port))), [])]);
    }
}
