using Twite.Lab.Load;

namespace Twite.Lab.Rounds;

/// <summary>One measurement: one load on one column in one round. Immutable.</summary>
internal sealed record Sample
{
    /// <summary>With a larger share of late sends than this there is no figure: p99 would be the generator's.</summary>
    public const double MostLate = 0.01;

    // One in so many lies beyond it.
    private static readonly (FigureKind Kind, double Percent, int OneIn)[] Percentiles =
        [(Rounds.Figures.P50, 50, 2), (Rounds.Figures.P90, 90, 10), (Rounds.Figures.P99, 99, 100), (Rounds.Figures.P999, 99.9, 1_000)];

    /// <summary>The figures by their keys; empty when it was refused.</summary>
    public IReadOnlyDictionary<string, double> Figures { get; init; } = new Dictionary<string, double>();

    /// <summary>Why it has no figures; null when it has.</summary>
    public string? Refusal { get; init; }

    /// <summary>What the first of the operations that failed said; null when none did.</summary>
    public string? FirstFailure { get; init; }

    /// <summary>The latencies in HdrHistogram's compressed format; null when it was refused.</summary>
    public byte[]? Latencies { get; init; }

    /// <summary>When it began.</summary>
    public DateTimeOffset From { get; init; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset Until { get; init; }

    /// <summary>No figure, since the lab's own generator was the bottleneck; null when it kept up.</summary>
    /// <param name="late">Sends that left late.</param>
    /// <param name="sends">All sends.</param>
    /// <param name="tolerance">Later than this was late.</param>
    public static string? RefuseLate(long late, long sends, TimeSpan tolerance)
    {
        var share = sends == 0 ? 0 : (double)late / sends;
        return share > MostLate
            ? $"{share:P1} of the sends left more than {tolerance.TotalMilliseconds:N0} ms late: the lab's generator was the bottleneck."
            : null;
    }

    /// <summary>The percentiles of latencies. One that not even a single operation lies beyond is left out.</summary>
    public static IEnumerable<KeyValuePair<string, double>> PercentilesOf(Latencies latencies) =>
        Percentiles.Where(p => latencies.Count >= p.OneIn).Select(p => KeyValuePair.Create(p.Kind.Key, latencies.Percentile(p.Percent)))
            .Append(KeyValuePair.Create(Rounds.Figures.Max.Key, latencies.Max));
}
