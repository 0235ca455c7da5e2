using Twite.Lab.Processes;

namespace Twite.Lab.Rounds;

/// <summary>A column's server and client, each a process of its own, or one process for a column that is one.</summary>
internal sealed class Pair : IAsyncDisposable
{
    private readonly IWorker _server;
    private readonly IWorker _client;

    private Pair(IWorker server, IWorker client) => (_server, _client) = (server, client);

    private bool IsOne => ReferenceEquals(_server, _client);

    /// <summary>Starts both and connects them.</summary>
    public static async Task<Pair> OpenAsync(Column column, Setting setting, CancellationToken cancellationToken)
    {
        var server = setting.Workers.Start($"{column.Name}'s server");
        var pair = new Pair(server, column.IsOneProcess ? server : setting.Workers.Start($"{column.Name}'s client"));
        try
        {
            var opened = await server.AskAsync<Opened>(new OpenServer(column.Key, setting.Seed, setting.Certificates), cancellationToken);
            await pair._client.AskAsync<Done>(new OpenClient(column.Key, setting.Seed, setting.Certificates, opened.Addresses), cancellationToken);
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

    /// <summary>Has the client run a loop, and sees what the server uses meanwhile.</summary>
    /// <returns>What the loop came to, and the figures of what each operation used.</returns>
    public async Task<(Ran Ran, IEnumerable<KeyValuePair<string, double>> Used)> RunAsync(Order order, CancellationToken cancellationToken)
    {
        var before = await ReadServerAsync(cancellationToken);
        var ran = await AskClientAsync<Ran>(order, cancellationToken);
        var after = await ReadServerAsync(cancellationToken);
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
    }

    private async Task<Meter> ReadServerAsync(CancellationToken cancellationToken) => new(
        IsOne ? null : (await _server.AskAsync<Usage>(new ReadUsage(), cancellationToken)).CpuMicroseconds, Loopback.SentBytes());
}
