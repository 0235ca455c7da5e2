using Twite.Lab.Processes;

namespace Twite.Lab.Rounds;

/// <summary>A column's server and client, each a process of its own, or one process for a column that is one; and the broker between them where there is one.</summary>
internal sealed class Pair : IAsyncDisposable
{
    private readonly IWorker _server;
    private readonly IWorker _client;
    private readonly BrokerProcess? _broker;

    private Pair(IWorker server, IWorker client, BrokerProcess? broker) => (_server, _client, _broker) = (server, client, broker);

    private bool IsOne => ReferenceEquals(_server, _client);

    /// <summary>Starts them and connects them.</summary>
    /// <param name="column">The column.</param>
    /// <param name="scene">The scene's key.</param>
    /// <param name="setting">What the comparison works with.</param>
    /// <param name="isBehindBadWay">As in <see cref="OpenServer"/>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<Pair> OpenAsync(Column column, string scene, Setting setting, bool isBehindBadWay, CancellationToken cancellationToken)
    {
        var broker = await BrokerProcess.StartAsync(column, scene, setting, cancellationToken);
        var server = setting.Workers.Start($"{column.Name}'s server");
        var pair = new Pair(server, column.IsOneProcess ? server : setting.Workers.Start($"{column.Name}'s client"), broker);
        try
        {
            var opened = await server.AskAsync<Opened>(new OpenServer(column.Key, setting.Seed, setting.Keys, broker?.Port ?? 0, isBehindBadWay), cancellationToken);
            await pair._client.AskAsync<Done>(new OpenClient(column.Key, setting.Seed, setting.Keys, opened.Addresses), cancellationToken);
            return pair;
        }
        catch
        {
            await pair.DisposeAsync();
            throw;
        }
    }

    /// <summary>Has the client do something.</summary>
    public Task<T> AskClientAsync<T>(Order order, CancellationToken cancellationToken)
        where T : Answer => _client.AskAsync<T>(order, cancellationToken);

    /// <summary>Has the server do something.</summary>
    public Task<T> AskServerAsync<T>(Order order, CancellationToken cancellationToken)
        where T : Answer => _server.AskAsync<T>(order, cancellationToken);

    /// <summary>Has the client run a loop, and sees what the others use meanwhile.</summary>
    /// <param name="order">The loop.</param>
    /// <param name="settleAsync">Waits until the others have done what the loop gave them to do, which may be after it has ended.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What the loop came to, and the figures of what each operation used.</returns>
    public async Task<(Ran Ran, IEnumerable<KeyValuePair<string, double>> Used)> RunAsync(
        Order order, Func<Ran, Task> settleAsync, CancellationToken cancellationToken)
    {
        var before = await ReadAsync(cancellationToken);
        var ran = await AskClientAsync<Ran>(order, cancellationToken);
        await settleAsync(ran);
        var after = await ReadAsync(cancellationToken);
        return (ran, after.Since(before, ran.CpuMicroseconds, ran.Calls));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        if (!IsOne)
        {
            await _server.DisposeAsync();
        }
        if (_broker is not null)
        {
            await _broker.DisposeAsync();
        }
    }

    private async Task<Meter> ReadAsync(CancellationToken cancellationToken) => new(
        IsOne ? null : (await _server.AskAsync<Usage>(new ReadUsage(), cancellationToken)).CpuMicroseconds,
        _broker is null ? null : await _broker.ReadCpuAsync(cancellationToken),
        Loopback.SentBytes());
}
