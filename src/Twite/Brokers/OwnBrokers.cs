using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Anywire;
using Microsoft.Extensions.Logging;
using Twite.Hosting;
using Twite.Keys;
using Twite.Supervision;
using Twite.Topologies;

namespace Twite.Brokers;

/// <summary>The brokers of a topology, run on this machine as supervised processes from what is installed here. Immutable.</summary>
internal sealed class OwnBrokers
{
    private readonly Topology _topology;

    private OwnBrokers(Topology topology, ImmutableArray<BrokerSite> sites) => (_topology, Sites) = (topology, sites);

    /// <summary>Where they listen, one of a kind.</summary>
    public ImmutableArray<BrokerSite> Sites { get; }

    /// <summary>What a broker is called among the processes.</summary>
    public static string NameOf(BrokerSite site) => site.Kind.Name.ToLowerInvariant();

    /// <summary>Those of a topology, when all can be started here.</summary>
    /// <exception cref="TopologyException">One cannot; the message says why, and what to do.</exception>
    public static OwnBrokers Of(Topology topology)
    {
        var sites = BrokerSite.In(topology);
        return Problem(topology, sites) is { } problem ? throw new TopologyException(problem) : new OwnBrokers(topology, sites);
    }

    /// <summary>Passes when nothing else is in their place.</summary>
    /// <exception cref="IOException">Something is.</exception>
    public async Task RequirePortsAsync()
    {
        foreach (var site in Sites)
        {
            if (await new BrokerProbe(site, credentials: null).IsOpenAsync())
            {
                throw new IOException($"Something listens at {site.Host}:{site.Port} already, where --with-broker would start {site.Kind.Name}. End it; or, when it is the broker that you want, leave --with-broker out.");
            }
        }
    }

    /// <summary>Those to supervise; nothing is started yet.</summary>
    /// <param name="certificates">The folder of keys, with the broker's own.</param>
    /// <param name="folder">Where their files are; made when it does not exist.</param>
    /// <param name="log">Takes what they write.</param>
    /// <param name="loggers">Where to say what happens to them.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="TopologyException">The broker has no certificate.</exception>
    public IReadOnlyList<SupervisedInstance> Supervise(string certificates, string folder, InterleavedLog log, ILoggerFactory loggers, TimeProvider time)
    {
        if (!Directory.Exists(Path.Combine(certificates, KeyFolder.Broker)))
        {
            throw new TopologyException($"The broker has no certificate in {certificates}. Make it: twite keys broker --topology {_topology.Source} --dir {certificates}");
        }
        var credentials = CertificateFolder.Load(certificates, KeyFolder.Broker);
        var rights = BrokerRights.Of(_topology, KeyFolder.At(certificates, authority: null, time).Clients);
        return [.. Sites.Select(site => Supervise(site, rights, credentials, KeyFolder.Of(certificates, KeyFolder.Broker), folder, log, loggers, time))];
    }

    private static SupervisedInstance Supervise(
        BrokerSite site, ImmutableArray<BrokerRights> rights, ServiceCredentials credentials, string certificates, string folder, InterleavedLog log, ILoggerFactory loggers, TimeProvider time)
    {
        var (setup, probe) = (BrokerSetup.Of(site, rights), new BrokerProbe(site, credentials));
        return new SupervisedInstance(
            NameOf(site),
            () => BrokerChild.Start(BrokerStart.Prepare(setup, site.Kind.Installed!, folder, certificates), probe, line => log.Write(NameOf(site), line)),
            new RestartBackoff(Random.Shared), loggers.CreateLogger<Supervisor>(), time);
    }

    private static string? Problem(Topology topology, ImmutableArray<BrokerSite> sites) =>
        sites.IsEmpty
            ? $"--with-broker starts a broker, and the topology {topology.Source} has none: its addresses lead from service to service. Leave --with-broker out."
        : OperatingSystem.IsWindows()
            ? "--with-broker starts brokers on Linux and macOS alone. Start yours with what twite keys broker writes, and leave --with-broker out."
        : sites.FirstOrDefault(s => !s.IsSecured) is { } plain
            ? $"--with-broker starts brokers that take TLS alone, and the topology {topology.Source} has {plain.Address}. Use {plain.Kind.Scheme}:, or start a broker of your own and leave --with-broker out."
        : sites.FirstOrDefault(s => !IsHere(s.Host)) is { } elsewhere
            ? $"--with-broker starts {elsewhere.Kind.Name} on this machine, and {elsewhere.Host} is another. Start it there with what twite keys broker writes, and leave --with-broker out."
        : sites.GroupBy(s => s.Kind).FirstOrDefault(g => g.Count() > 1) is { } several
            ? $"--with-broker starts one {several.Key.Name}, and the topology {topology.Source} has {string.Join(", ", several.Select(s => s.Address))}. Start them with what twite keys broker writes, and leave --with-broker out."
        : sites.FirstOrDefault(s => s.Kind.Installed is null) is { } absent
            ? absent.Kind.NotInstalled
        : null;

    private static bool IsHere(string host)
    {
        try
        {
            var addresses = IPAddress.TryParse(host, out var address) ? [address] : Dns.GetHostAddresses(host);
            return addresses.Length > 0 && addresses.All(CanBind);
        }
        catch (SocketException)
        {
            // Nobody knows the name.
            return false;
        }
    }

    private static bool CanBind(IPAddress address)
    {
        using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(address, 0));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
