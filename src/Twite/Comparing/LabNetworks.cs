using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Anywire;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Twite.Contracts;
using Twite.Hosting;
using Twite.Lab;
using Twite.Lab.Processes;
using Twite.Topologies;

namespace Twite.Comparing;

/// <summary>Runs the whole network for the lab: all services in this process, joined by the wire of one column.</summary>
internal sealed class LabNetworks(ILoggerFactory loggers) : INetworkStarter
{
    // One program makes more requests here than a person does, and new people come from one address.
    private static readonly KeyValuePair<string, string?>[] Settings = [new("Web:Api:MaxRequests", "1000000000")];

    /// <inheritdoc/>
    public async Task<INetwork> StartAsync(Column column, string certificates, string data, CancellationToken cancellationToken)
    {
        var ports = new Queue<int>(FreePorts(ServiceCatalog.Services.Count + 1));
        var host = await TwiteHost.StartAsync(
            new TwiteHostOptions
            {
                Topology = new Topology($"of the lab for {column.Name}", ServiceCatalog.Services.Keys.ToImmutableSortedDictionary(
                    name => name, name => Placed(name, column.AddressOf(name, ports.Dequeue())), StringComparer.Ordinal)),
                DataDirectory = data,
                Urls = [$"http://127.0.0.1:{ports.Dequeue()}"],
                Insecure = true,
                CertificateDirectory = certificates,
                Configuration = new ConfigurationBuilder().AddInMemoryCollection(Settings).Build(),
                Transports = column.Wires!(),
                Loggers = loggers,
            },
            cancellationToken);
        return new Network(host);
    }

    private static PlacedService Placed(string service, Endpoint address) => new(service, [new PlacedInstance(service, service, [address], [address], [])]);

    // Taken all at once, so that none is given twice.
    private static List<int> FreePorts(int count)
    {
        var probes = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        probes.ForEach(p => p.Start());
        var ports = probes.Select(p => ((IPEndPoint)p.LocalEndpoint).Port).ToList();
        probes.ForEach(p => p.Dispose());
        return ports;
    }

    private sealed class Network(TwiteHost host) : INetwork
    {
        private const string Password = "correct horse battery";

        private readonly AccountsService.AccountsServiceClient _accounts = new(host.Connect(ServiceCatalog.Admin, "accounts"));

        public Uri Url => new(host.Urls[0]);

        public async Task<Person> SignUpAsync(string name, CancellationToken cancellationToken)
        {
            var account = (await _accounts.SignUpAsync(new SignUpRequest { Name = name, Password = Password }, cancellationToken: cancellationToken)).Account;
            var token = await _accounts.CreateTokenAsync(new CreateTokenRequest { Name = name, Label = "lab" }, cancellationToken: cancellationToken);
            return new Person(account.Id.ToString(), account.Name, token.Token);
        }

        public async ValueTask DisposeAsync()
        {
            await host.StopAsync(CancellationToken.None);
            await host.DisposeAsync();
        }
    }
}
