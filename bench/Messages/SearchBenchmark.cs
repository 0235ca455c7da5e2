using Twite.Messages;

namespace Twite.Bench.Messages;

/// <summary>What a search costs.</summary>
internal static class SearchBenchmark
{
    private const int MostMicroseconds = 2_000;

    /// <summary>The kinds of searches.</summary>
    public static IReadOnlyList<(string What, string Words)> Kinds { get; } =
    [
        ("two common words", $"{Network.Word(1)} {Network.Word(2)}"),
        ("a common and a middling word", $"{Network.Word(1)} {Network.Word(100)}"),
        ("two middling words", $"{Network.Word(50)} {Network.Word(70)}"),
        ("two rare words", $"{Network.Word(3_000)} {Network.Word(4_000)}"),
        ("a phrase", $"\"{Network.Word(1)} {Network.Word(2)}\""),
        ("a word of somebody", $"{Network.Word(1)} from:person7"),
    ];

    public static async Task RunAsync()
    {
        await using var network = await Network.OpenAsync(1_000_000, searchable: true);
        var newest = new Window(long.MaxValue, 0, OldestFirst: false, 50);
        foreach (var (what, words) in Kinds)
        {
            var found = 0;
            var pair = Paired.Cpu(
                () => found = network.Timeline.Search(SearchQuery.Parse(words)!, newest, CancellationToken.None).Messages.Count,
                () => SearchQuery.Parse(words), 50);
            Console.WriteLine($"  {what,-32} {found,3} found   {pair.Figure,9:N1} µs   at most {MostMicroseconds:N0} {(pair.Figure <= MostMicroseconds ? "✓" : "✗")}");
        }
    }
}
