using Twite.Lab.Processes;

namespace Twite.Lab.Rounds;

/// <summary>A scene over a column that sends datagrams: once as it is, and once over a way that loses, doubles and reorders them.</summary>
internal sealed class TwoWays : IStage
{
    // What stands between runs in the process of those who listen, and sends everything once more.
    private static readonly string[] OfTheRelayToo =
        [Figures.Cpu.Key, Figures.CpuClient.Key, Figures.CpuServer.Key, Figures.CpuBroker.Key, Figures.Bytes.Key];

    private readonly IStage _good;
    private readonly ILossyStage _bad;

    private TwoWays(IStage good, ILossyStage bad) => (_good, _bad) = (good, bad);

    /// <summary>Opens a scene over a column, both ways if it sends datagrams.</summary>
    /// <param name="column">The column.</param>
    /// <param name="plan">Whether anything is to be lost.</param>
    /// <param name="openAsync">Opens one; told whether it is the bad one.</param>
    public static async Task<IStage> OpenAsync(Column column, Plan plan, Func<bool, Task<ILossyStage>> openAsync)
    {
        var good = await openAsync(false);
        if (!column.SendsDatagrams || plan.Losses.Count == 0)
        {
            return good;
        }
        try
        {
            return new TwoWays(good, await openAsync(true));
        }
        catch
        {
            await good.DisposeAsync();
            throw;
        }
    }

    /// <summary>What a scene's description says of it.</summary>
    public static string About(Plan plan) => plan.Losses.Count == 0
        ? ""
        : " Wires that send datagrams are measured over a bad way too: a relay in the receivers' process loses some, doubles as many and holds as many back until the next has gone (at most 20 ms), in both directions; TCP beside them passes it untouched, or goes past it. Those tables have neither CPU nor bytes, for the relay's are among them. TCP without loss is in the table of the same load without a relay.";

    /// <inheritdoc/>
    public async Task<Sample> MeasureAsync(LoadPoint load, CancellationToken cancellationToken)
    {
        if (load.Loss is not { } percent)
        {
            return await _good.MeasureAsync(load, cancellationToken);
        }
        var before = await _bad.AskAsync(new SetLoss(percent), cancellationToken);
        var sample = await _bad.MeasureAsync(load, cancellationToken);
        var after = await _bad.AskAsync(new SetLoss(0), cancellationToken);
        if (sample.Refusal is not null)
        {
            return sample;
        }
        var figures = sample.Figures.Where(f => !OfTheRelayToo.Contains(f.Key)).ToDictionary();
        figures[Figures.Dropped.Key] = after.Dropped - before.Dropped;
        return sample with { Figures = figures };
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _bad.DisposeAsync();
        await _good.DisposeAsync();
    }
}
