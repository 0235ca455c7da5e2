namespace Twite.Lab.Reports;

/// <summary>What a comparison found: <c>report.json</c>. docs/guides/compare.md describes each field. Immutable.</summary>
public sealed record Report
{
    /// <summary>The version of this schema.</summary>
    public int Schema { get; init; } = 1;

    /// <summary>Whether everything that was asked for was measured.</summary>
    public required bool Complete { get; init; }

    /// <summary>What is missing, when it is not complete.</summary>
    public string? Incompleteness { get; init; }

    /// <summary>When it began.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>How long it took.</summary>
    public required double Seconds { get; init; }

    /// <summary>The program's version, and a digest of its own files.</summary>
    public required string Version { get; init; }

    /// <summary>Where it was measured.</summary>
    public required Machine Machine { get; init; }

    /// <summary>How it was measured.</summary>
    public required ReportSettings Settings { get; init; }

    /// <summary>What was compared.</summary>
    public required IReadOnlyList<ReportColumn> Columns { get; init; }

    /// <summary>What was found.</summary>
    public required IReadOnlyList<ReportScene> Scenes { get; init; }
}

/// <summary>How it was measured.</summary>
/// <param name="Quick">Whether it was the short form.</param>
/// <param name="Rounds">How often everything was to be measured.</param>
/// <param name="Seed">Of the order of columns in each round and of the sessions.</param>
/// <param name="MeasurementSeconds">How long one measurement lasted.</param>
/// <param name="ScreenSeconds">How long one of the scene screen lasted.</param>
/// <param name="WarmUpSeconds">How long each column was warmed up, which counts for nothing.</param>
/// <param name="LateMilliseconds">A send that left later than this was late.</param>
/// <param name="LateShare">With a larger share of late sends than this there is no figure.</param>
public sealed record ReportSettings(
    bool Quick, int Rounds, long Seed, double MeasurementSeconds, double ScreenSeconds, double WarmUpSeconds, double LateMilliseconds, double LateShare);

/// <summary>One of those that were compared.</summary>
/// <param name="Key">Its key in the cells.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Address">The form of its addresses; null for a floor.</param>
/// <param name="Secured">Whether it proves who is at both ends and encrypts.</param>
/// <param name="Floor">Whether it is a floor and no wire.</param>
/// <param name="Processes">How many processes it was: 1, 2, or 3 with a broker.</param>
/// <param name="Note">What else to know about it; null: nothing.</param>
public sealed record ReportColumn(string Key, string Name, string? Address, bool Secured, bool Floor, int Processes, string? Note);

/// <summary>One scene.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Name">What people call it.</param>
/// <param name="About">What is done.</param>
/// <param name="Loads">The loads.</param>
public sealed record ReportScene(string Key, string Name, string About, IReadOnlyList<ReportLoad> Loads);

/// <summary>One load of a scene.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Loss">How many of a hundred datagrams were lost, as many doubled and as many late; null: nothing stood between.</param>
/// <param name="Cells">One for each column that carries the scene.</param>
public sealed record ReportLoad(string Key, string Name, int? Loss, IReadOnlyList<ReportCell> Cells);

/// <summary>One load on one column.</summary>
/// <param name="Column">The column's key.</param>
/// <param name="Rounds">In how many rounds it was measured, refused ones too.</param>
/// <param name="RefusedRounds">In how many of them the generator was the bottleneck; they give no figure.</param>
/// <param name="Refusal">Why it has no figures at all; null when it has.</param>
/// <param name="FirstFailure">What the first operation that failed said; null when none did.</param>
/// <param name="Figures">By key; empty when refused.</param>
/// <param name="Histogram">The file with the raw histograms, relative to the report; null when there is none.</param>
public sealed record ReportCell(
    string Column, int Rounds, int RefusedRounds, string? Refusal, string? FirstFailure, IReadOnlyDictionary<string, ReportFigure> Figures, string? Histogram);

/// <summary>One figure over the rounds.</summary>
/// <param name="Unit">Its unit; empty for a count.</param>
/// <param name="Median">The middle one of the rounds.</param>
/// <param name="Min">The smallest.</param>
/// <param name="Max">The largest.</param>
/// <param name="Rounds">All of them, in order.</param>
public sealed record ReportFigure(string Unit, double Median, double Min, double Max, IReadOnlyList<double> Rounds);
