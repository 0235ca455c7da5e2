using Twite.Lab.Processes;

namespace Twite.Lab.Rounds;

/// <summary>The broker that a column goes through, for one scene alone: what others left in it would be in the way. Disposing ends it.</summary>
internal sealed class BrokerProcess : IAsyncDisposable
{
    private readonly IWorker _keeper;

    private BrokerProcess(IWorker keeper, int port) => (_keeper, Port) = (keeper, port);

    /// <summary>Where it listens.</summary>
    public int Port { get; }

    /// <summary>Starts a column's broker; null for a column that has none.</summary>
    /// <param name="column">The column.</param>
    /// <param name="scene">The scene's key.</param>
    /// <param name="setting">What the comparison works with.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<BrokerProcess?> StartAsync(Column column, string scene, Setting setting, CancellationToken cancellationToken)
    {
        if (!column.HasBroker)
        {
            return null;
        }
        var keeper = setting.Workers.Start($"{column.Name}'s broker");
        try
        {
            var opened = await keeper.AskAsync<BrokerOpened>(
                new OpenBroker(column.Key, setting.Keys, Path.Combine(setting.Folder, $"broker-{scene}-{column.Key}")), cancellationToken);
            return new BrokerProcess(keeper, opened.Port);
        }
        catch
        {
            await keeper.DisposeAsync();
            throw;
        }
    }

    /// <summary>What the broker has used so far, in microseconds.</summary>
    public async Task<double> ReadCpuAsync(CancellationToken cancellationToken) => (await _keeper.AskAsync<Usage>(new ReadUsage(), cancellationToken)).CpuMicroseconds;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _keeper.DisposeAsync();
}
