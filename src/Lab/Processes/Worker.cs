using Anywire;
using Microsoft.Extensions.Logging;
using Twite.Lab.Loss;
using Twite.Lab.Screen;

namespace Twite.Lab.Processes;

/// <summary>What a worker has to work with. Immutable.</summary>
internal sealed record WorkerOptions
{
    /// <summary>What can be compared.</summary>
    public required IReadOnlyList<Column> Columns { get; init; }

    /// <summary>The program around it; null where there is none.</summary>
    public ILabHost? Host { get; init; }

    /// <summary>Where logs go.</summary>
    public required ILoggerFactory Loggers { get; init; }

    /// <summary>The clock. Its timestamps must be those of the other processes' clocks.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>The CPU time of this process, over all threads, in user and kernel mode.</summary>
    public Func<TimeSpan> Cpu { get; init; } = () => Environment.CpuUsage.TotalTime;

    /// <summary>The program around it.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public ILabHost RequireHost() => Host ?? throw new InvalidOperationException("This worker is no part of the program.");

    /// <summary>What a service proves itself with over a column; null where nothing is proved.</summary>
    public ServiceCredentials? CredentialsOf(string service, Column column, string keys) => column.IsSecured ? RequireHost().LoadKeys(keys, service) : null;
}

/// <summary>One process of a comparison: a server, a client, both in one, a whole network, or a broker's keeper. Handles one order at a time.</summary>
internal sealed class Worker(WorkerOptions options) : IAsyncDisposable
{
    private readonly List<IAsyncDisposable> _opened = [];
    private readonly BadWays _ways = new();
    private Client? _client;
    private Servers? _servers;
    private Screens? _screens;
    private IBroker? _broker;

    /// <summary>Does what it is told; what goes wrong is an answer too.</summary>
    public async Task<Answer> HandleAsync(Order order, CancellationToken cancellationToken)
    {
        try
        {
            return order switch
            {
                MakeKeys make => Make(make),
                OpenBroker open => await OpenBrokerAsync(open, cancellationToken),
                OpenServer open => await OpenServerAsync(open, cancellationToken),
                OpenClient open => await OpenClientAsync(open, cancellationToken),
                RunClosed run => await Ran.OfAsync(() => Client.ClosedAsync(run.Callers, TimeSpan.FromSeconds(run.Seconds)), options.Cpu),
                RunOpen run => await Ran.OfAsync(() => Client.OpenAsync(run), options.Cpu),
                SendEvents send => await Ran.OfAsync(() => Client.SendAsync(send), options.Cpu),
                ReadEvents read => await (_servers ?? throw new InvalidOperationException("The worker has no server yet.")).Events.CloseAsync(read, cancellationToken),
                OpenNetwork open => await OpenNetworkAsync(open, cancellationToken),
                OpenScreens open => await OpenScreensAsync(open, cancellationToken),
                PostToScreens post => await (_screens ?? throw new InvalidOperationException("The worker has no screens yet.")).PostAsync(post, options.Cpu),
                SetLoss set => Set(set),
                ReadUsage when _broker is { } broker => new Usage(broker.Cpu.TotalMicroseconds),
                ReadUsage => new Usage(options.Cpu().TotalMicroseconds),
                _ => throw new InvalidOperationException($"This worker does not know how to {order.GetType().Name}."),
            };
        }
        catch (Exception error) when (error is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            return new Failed(error.Message);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        for (var last = _opened.Count - 1; last >= 0; last--)
        {
            await _opened[last].DisposeAsync();
        }
        _opened.Clear();
        await _ways.DisposeAsync();
    }

    private Client Client => _client ?? throw new InvalidOperationException("The worker has no client yet.");

    private Done Make(MakeKeys order)
    {
        options.RequireHost().MakeKeys(Directory.CreateDirectory(order.Keys).FullName);
        return new Done();
    }

    private LossSet Set(SetLoss order)
    {
        _ways.Percent = order.Percent;
        return new LossSet(_ways.Lost);
    }

    private Func<int, int>? BehindBadWay(bool isBehind) => isBehind ? _ways.To : null;

    private async Task<Answer> OpenBrokerAsync(OpenBroker order, CancellationToken cancellationToken)
    {
        _broker = await options.RequireHost().StartBrokerAsync(Find(order.Column), order.Keys, order.Data, cancellationToken);
        _opened.Add(_broker);
        return new BrokerOpened(_broker.Port);
    }

    private async Task<Answer> OpenServerAsync(OpenServer order, CancellationToken cancellationToken)
    {
        _servers = await Servers.OpenAsync(Find(order.Column), order, BehindBadWay(order.IsBehindBadWay), options, cancellationToken);
        _opened.Add(_servers);
        return new Opened(_servers.Addresses);
    }

    private async Task<Answer> OpenClientAsync(OpenClient order, CancellationToken cancellationToken)
    {
        _client = await Client.OpenAsync(Find(order.Column), _servers?.Wires, order, options, cancellationToken);
        _opened.Add(_client);
        return new Done();
    }

    private async Task<Answer> OpenNetworkAsync(OpenNetwork order, CancellationToken cancellationToken)
    {
        var network = await options.RequireHost().StartNetworkAsync(
            Find(order.Column), order.Keys, order.Data, order.Port, BehindBadWay(order.IsBehindBadWay), cancellationToken);
        _opened.Add(network);
        var people = new List<Person>();
        for (var i = 1; i <= order.People; i++)
        {
            people.Add(await network.SignUpAsync($"finch_{i}", cancellationToken));
        }
        return new NetworkOpened(network.Url.ToString(), people);
    }

    private async Task<Answer> OpenScreensAsync(OpenScreens order, CancellationToken cancellationToken)
    {
        _screens = await Screens.OpenAsync(order, options.Time, cancellationToken);
        _opened.Add(_screens);
        return new Done();
    }

    private Column Find(string key) =>
        options.Columns.FirstOrDefault(c => c.Key == key) ?? throw new InvalidOperationException($"There is no column \"{key}\".");
}
