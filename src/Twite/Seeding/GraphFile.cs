using System.Runtime.CompilerServices;

namespace Twite.Seeding;

/// <summary>One edge of a social graph: the first follows the second.</summary>
/// <param name="Follower">A name, in lower case.</param>
/// <param name="Followee">A name, in lower case.</param>
internal readonly record struct Edge(string Follower, string Followee);

/// <summary>A graph as text: two names a line, separated by blanks or a comma, the first follows the second; <c>#</c> begins a
/// comment.</summary>
internal static class GraphFile
{
    private static readonly char[] Separators = [' ', '\t', ','];

    /// <summary>The edges of a file, in its order.</summary>
    /// <exception cref="InputLineException">A line is not two names.</exception>
    public static async IAsyncEnumerable<Edge> ReadAsync(InputFile file, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var (number, text) in file.ReadLinesAsync(cancellationToken))
        {
            if (Parse(file.Path, number, text) is { } edge)
            {
                yield return edge;
            }
        }
    }

    private static Edge? Parse(string path, long number, string text)
    {
        var comment = text.IndexOf('#', StringComparison.Ordinal);
        var parts = (comment < 0 ? text : text[..comment]).Split(Separators, StringSplitOptions.RemoveEmptyEntries);
        return parts switch
        {
            [] => null,
            [var follower, var followee] => new Edge(Name(path, number, follower), Name(path, number, followee)),
            _ => throw new InputLineException(path, number, $"a line is two names, as in \"alice bob\", and this one has {(parts.Length == 1 ? "one" : parts.Length.ToString())}: \"{Cut(text)}\"."),
        };
    }

    private static string Name(string path, long number, string name) =>
        name.Length <= 30 && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_')
            ? name.ToLowerInvariant()
            : throw new InputLineException(path, number, $"\"{Cut(name)}\" is not a name: names are 1 to 30 of a to z, 0 to 9 and _.");

    private static string Cut(string text) => text.Length <= 60 ? text : text[..60] + "…";
}
