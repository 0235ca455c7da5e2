using Twite.Lab.Processes;

namespace Twite.Lab.Rounds;

/// <summary>One load of a scene.</summary>
/// <param name="Key">Its key in <c>report.json</c> and in file names: <c>closed-64</c>.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Loss">How many of a hundred datagrams are lost on a bad way, and as many doubled and late; null: there is no such way, and any column takes part.</param>
internal sealed record LoadPoint(string Key, string Name, int? Loss = null)
{
    /// <summary>A load over a bad way.</summary>
    /// <param name="key">The load's key without it.</param>
    /// <param name="name">The load's name without it.</param>
    /// <param name="loss">As <see cref="Loss"/>.</param>
    public static LoadPoint Lossy(string key, string name, int loss) => new(
        $"{key}-loss-{loss}", $"{name}, {(loss == 0 ? "through a relay that loses nothing" : $"{loss} % of datagrams lost, {loss} % doubled, {loss} % late")}", loss);

    /// <summary>Whether it makes sense over a column.</summary>
    public bool Suits(Column column) => Loss is null || column.SendsDatagrams;
}

/// <summary>Something that is done over every column.</summary>
internal interface IScene
{
    /// <summary>What it is called on the command line.</summary>
    string Key { get; }

    /// <summary>What people call it.</summary>
    string Name { get; }

    /// <summary>What is done, in a few sentences.</summary>
    string About { get; }

    /// <summary>The loads, lightest first.</summary>
    IReadOnlyList<LoadPoint> Loads { get; }

    /// <summary>Whether it makes sense over a column.</summary>
    bool Suits(Column column);

    /// <summary>Starts what it needs and warms it up.</summary>
    Task<IStage> OpenAsync(Column column, CancellationToken cancellationToken);
}

/// <summary>A scene over one column, running. Disposing ends it.</summary>
internal interface IStage : IAsyncDisposable
{
    /// <summary>Measures one load once.</summary>
    Task<Sample> MeasureAsync(LoadPoint load, CancellationToken cancellationToken);
}

/// <summary>One that can be told how bad its way is.</summary>
internal interface ILossyStage : IStage
{
    /// <summary>Has those who listen set it.</summary>
    Task<LossSet> AskAsync(SetLoss order, CancellationToken cancellationToken);
}
