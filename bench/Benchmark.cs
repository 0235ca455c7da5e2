namespace Twite.Bench;

/// <summary>Something to measure.</summary>
/// <param name="Name">The verb.</param>
/// <param name="About">What it measures, against what.</param>
/// <param name="RunAsync">Measures and prints.</param>
internal sealed record Benchmark(string Name, string About, Func<Task> RunAsync);
