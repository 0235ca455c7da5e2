namespace Twite.Lab.Rounds;

/// <summary>One load of a scene.</summary>
/// <param name="Key">Its key in <c>report.json</c> and in file names: <c>closed-64</c>.</param>
/// <param name="Name">What people call it.</param>
internal sealed record LoadPoint(string Key, string Name);

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
