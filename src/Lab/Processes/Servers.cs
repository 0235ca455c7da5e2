using Anywire;
using Twite.Contracts;
using Twite.Lab.Call;
using Twite.Lab.Event;
using Twite.Lab.Floors;

namespace Twite.Lab.Processes;

/// <summary>A column's servers: <c>accounts</c>, answered from memory, and <c>notifications</c> and <c>web</c>, which note what comes.</summary>
internal sealed class Servers : IAsyncDisposable
{
    private readonly List<IAsyncDisposable> _opened = [];
    private readonly Dictionary<string, string> _addresses = new(StringComparer.Ordinal);

    private readonly Func<int, int>? _before;

    private Servers(Transports? wires, Func<int, int>? before, TimeProvider time) => (Wires, _before, Events) = (wires, before, new EventLedger(time));

    /// <summary>What events have come.</summary>
    public EventLedger Events { get; }

    /// <summary>Where they listen, by the service's name.</summary>
    public IReadOnlyDictionary<string, string> Addresses => _addresses;

    /// <summary>The wires they listen with, for a client in the same process; null for a floor.</summary>
    public Transports? Wires { get; }

    /// <summary>Listens.</summary>
    /// <param name="column">The column.</param>
    /// <param name="order">What is said of it.</param>
    /// <param name="before">The port of what callers are to call instead of a port; null: nothing stands between.</param>
    /// <param name="options">What the worker has.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<Servers> OpenAsync(
        Column column, OpenServer order, Func<int, int>? before, WorkerOptions options, CancellationToken cancellationToken)
    {
        var (servers, sessions) = (new Servers(column.Wires?.Invoke(), before, options.Time), new Sessions(order.Seed));
        try
        {
            if (column.Floor == FloorKind.BareSocket)
            {
                var bare = new BareServer(sessions);
                servers._opened.Add(bare);
                servers._addresses.Add("accounts", bare.Port.ToString());
            }
            else if (column.Floor is null)
            {
                foreach (var (name, service) in servers.Services(sessions))
                {
                    await servers.ListenAsync(column, name, service, order, options, cancellationToken);
                }
            }
            return servers;
        }
        catch
        {
            await servers.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var opened in _opened)
        {
            await opened.DisposeAsync();
        }
    }

    private IEnumerable<(string Name, ServiceRegistration Service)> Services(Sessions sessions) =>
    [
        ("accounts", new ServiceRegistration(AccountsService.Descriptor, binder => AccountsService.BindService(binder, new AccountsHandler(sessions)))),
        ("notifications", new ServiceRegistration(NotificationsService.Descriptor, binder => NotificationsService.BindService(binder, new EventsHandler(Events)))),
        ("web", new ServiceRegistration(LiveUpdatesService.Descriptor, binder => LiveUpdatesService.BindService(binder, new UpdatesHandler(Events)))),
    ];

    private async Task ListenAsync(
        Column column, string name, ServiceRegistration service, OpenServer order, WorkerOptions options, CancellationToken cancellationToken)
    {
        var server = new AnywireServer(new AnywireServerOptions
        {
            Transports = Wires!,
            Name = name,
            Services = [service],
            Contracts = new ContractTable([service.Descriptor]),
            Credentials = options.CredentialsOf(name, column, order.Keys),
            Loggers = options.Loggers,
            Time = options.Time,
        });
        _opened.Add(server);
        var endpoint = await server.ListenAsync(column.AddressOf(name, order.Port), cancellationToken);
        _addresses.Add(name, (_before is null ? endpoint : endpoint.WithPort(_before(endpoint.Port))).ToString());
    }
}
