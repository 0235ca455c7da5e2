using Anywire;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Twite.Contracts;
using Twite.Hosting;
using Twite.Lab;
using Twite.Lab.Processes;
using Twite.Topologies;

namespace Twite.Comparing;

/// <summary>The whole network for the lab: all services in this process, joined by one wire.</summary>
internal sealed class LabNetwork : INetwork
{
    private const string Password = "correct horse battery";

    // One program makes more requests here than a person does, and new people come from one address.
    private static readonly KeyValuePair<string, string?>[] Settings = [new("Web:Api:MaxRequests", "1000000000")];

    private readonly TwiteHost _host;
    private readonly AccountsService.AccountsServiceClient _accounts;

    private LabNetwork(TwiteHost host) => (_host, _accounts) = (host, new AccountsService.AccountsServiceClient(host.Connect(ServiceCatalog.Admin, "accounts")));

    /// <inheritdoc/>
    public Uri Url => new(_host.Urls[0]);

    /// <summary>Starts it.</summary>
    /// <param name="wires">What its addresses need.</param>
    /// <param name="topology">Which addresses.</param>
    /// <param name="keys">The folder of keys.</param>
    /// <param name="data">The directory for its files.</param>
    /// <param name="loggers">Where logs go.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<LabNetwork> StartAsync(
        Transports wires, Topology topology, string keys, string data, ILoggerFactory loggers, CancellationToken cancellationToken) =>
        new(await TwiteHost.StartAsync(
            new TwiteHostOptions
            {
                Topology = topology,
                DataDirectory = data,
                Urls = ["http://127.0.0.1:0"],
                Insecure = true,
                CertificateDirectory = keys,
                Configuration = new ConfigurationBuilder().AddInMemoryCollection(Settings).Build(),
                Transports = wires,
                Loggers = loggers,
            },
            cancellationToken));

    /// <inheritdoc/>
    public async Task<Person> SignUpAsync(string name, CancellationToken cancellationToken)
    {
        var account = (await _accounts.SignUpAsync(new SignUpRequest { Name = name, Password = Password }, cancellationToken: cancellationToken)).Account;
        var token = await _accounts.CreateTokenAsync(new CreateTokenRequest { Name = name, Label = "lab" }, cancellationToken: cancellationToken);
        return new Person(account.Id.ToString(), account.Name, token.Token);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync(CancellationToken.None);
        await _host.DisposeAsync();
    }
}
