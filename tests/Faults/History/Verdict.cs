namespace Twite.Faults.History;

/// <summary>What a history shows.</summary>
internal enum Judgement
{
    /// <summary>Too little was recorded to say: never a pass.</summary>
    Unknown,

    /// <summary>Nothing is wrong.</summary>
    Valid,

    /// <summary>Something is wrong.</summary>
    Invalid,
}

/// <summary>One thing that is wrong.</summary>
/// <param name="Rule">Which rule was broken: lost, doubled, unexpected, altered, order, own-write, screen-…</param>
/// <param name="What">What broke it.</param>
internal sealed record Violation(string Rule, string What)
{
    public override string ToString() => $"{Rule}: {What}";
}

/// <summary>A judgement with its reasons.</summary>
internal sealed record Verdict(Judgement Judgement, IReadOnlyList<Violation> Violations)
{
    public override string ToString() => $"{Judgement}{string.Concat(Violations.Take(20).Select(v => $"\n  {v}"))}";
}
