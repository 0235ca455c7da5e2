using Anywire;
using Twite.Contracts;
using Twite.Lab.Call;
using Twite.Lab.Event;
using Twite.Lab.Floors;
using Twite.Lab.Load;

namespace Twite.Lab.Processes;

/// <summary>A column's client: makes calls and sends events, in loops.</summary>
internal sealed class Client : IAsyncDisposable
{
    private readonly ICallTarget _calls;
    private readonly EventSender? _events;
    private readonly TimeProvider _time;
    private long _made;

    private Client(ICallTarget calls, EventSender? events, TimeProvider time) => (_calls, _events, _time) = (calls, events, time);

    /// <summary>Connects.</summary>
    /// <param name="column">The column.</param>
    /// <param name="local">The wires of the servers in this process; null when they are in another one.</param>
    /// <param name="order">Where to.</param>
    /// <param name="options">What the worker has.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<Client> OpenAsync(
        Column column, Transports? local, OpenClient order, WorkerOptions options, CancellationToken cancellationToken)
    {
        var sessions = new Sessions(order.Seed);
        ICallTarget calls = column.Floor switch
        {
            FloorKind.DirectCall => new DirectTarget(sessions),
            FloorKind.BareSocket => new BareTarget(int.Parse(order.Addresses["accounts"]), sessions),
            _ => new WireTarget(await ConnectAsync(column, local ?? column.Wires!(), "web", "accounts", order, options, cancellationToken), sessions),
        };
        var events = column.Floor is null
            ? new EventSender(
                await ConnectAsync(column, local ?? column.Wires!(), "messages", "notifications", order, options, cancellationToken),
                await ConnectAsync(column, local ?? column.Wires!(), "notifications", "web", order, options, cancellationToken))
            : null;
        return new Client(calls, events, options.Time);
    }

    /// <summary>Verifies sessions in a closed loop.</summary>
    public Task<LoopResult> ClosedAsync(int callers, TimeSpan duration) => ClosedLoop.RunAsync(Calls(), callers, duration, _time);

    /// <summary>Verifies sessions in an open loop.</summary>
    public Task<LoopResult> OpenAsync(RunOpen order) =>
        NewOpenLoop(order.LateMilliseconds).RunAsync(Calls(), order.Rate, TimeSpan.FromSeconds(order.Seconds));

    /// <summary>Sends events: some under way at once, or at a rate.</summary>
    public Task<LoopResult> SendAsync(SendEvents order)
    {
        var events = _events ?? throw new InvalidOperationException("A floor carries no events.");
        Operation send = order.IsGuaranteed
            ? (number, from) => events.SendAsync(order.Run, number, from)
            : (number, from) => events.PushAsync(order.Run, number, from);
        var duration = TimeSpan.FromSeconds(order.Seconds);
        return order.Senders > 0
            ? ClosedLoop.RunAsync(send, order.Senders, duration, _time)
            : NewOpenLoop(order.LateMilliseconds).RunAsync(send, order.Rate, duration);
    }

    public async ValueTask DisposeAsync()
    {
        await _calls.DisposeAsync();
        if (_events is not null)
        {
            await _events.DisposeAsync();
        }
    }

    private OpenLoop NewOpenLoop(double lateMilliseconds) => new(_time, new SleepingPacer(_time), TimeSpan.FromMilliseconds(lateMilliseconds));

    // Each loop goes on where the last one ended, so that no loop finds the sessions of another one in the caches.
    private Operation Calls()
    {
        var first = _made;
        _made += Sessions.Count / 3;
        return (number, _) => _calls.VerifyAsync(first + number);
    }

    private static async Task<AnywireClient> ConnectAsync(
        Column column, Transports wires, string caller, string service, OpenClient order, WorkerOptions options, CancellationToken cancellationToken)
    {
        var endpoint = Endpoint.Parse(order.Addresses[service]);
        var client = new AnywireClient(wires.For(endpoint), new TransportClientOptions
        {
            Endpoints = [endpoint],
            Service = service,
            Caller = caller,
            Contracts = new ContractTable([AccountsService.Descriptor, NotificationsService.Descriptor, LiveUpdatesService.Descriptor]),
            Credentials = options.CredentialsOf(caller, column, order.Keys),
            Loggers = options.Loggers,
            Time = options.Time,
        });
        try
        {
            await client.ConnectAsync(cancellationToken);
            return client;
        }
        catch
        {
            await client.DisposeAsync();
            throw;
        }
    }
}
