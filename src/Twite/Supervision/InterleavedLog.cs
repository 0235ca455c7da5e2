namespace Twite.Supervision;

/// <summary>The log lines of several processes in one stream, each line behind its process's name. Any thread may write.</summary>
/// <param name="writer">Where to.</param>
/// <param name="names">The names that will be written, for the width and the colours.</param>
/// <param name="isColoured">Whether names have a colour each.</param>
internal sealed class InterleavedLog(TextWriter writer, IReadOnlyList<string> names, bool isColoured)
{
    // Cyan, green, yellow, magenta, blue and their bright ones: red is for errors.
    private static readonly int[] Colours = [36, 32, 33, 35, 34, 96, 92, 93, 95, 94];

    private readonly int _width = names.Max(n => n.Length);
    private readonly Lock _lock = new();

    /// <summary>Whether lines written to the error stream should be coloured: it is a terminal that can, and nobody said NO_COLOR.</summary>
    public static bool IsColourWanted(bool isRedirected, Func<string, string?> environment) =>
        !isRedirected && string.IsNullOrEmpty(environment("NO_COLOR")) && environment("TERM") != "dumb";

    /// <summary>Writes one line.</summary>
    public void Write(string name, string line)
    {
        var padded = name.PadRight(_width);
        var prefix = isColoured ? $"\e[{Colours[IndexOf(name) % Colours.Length]}m{padded} |\e[0m " : $"{padded} | ";
        lock (_lock)
        {
            writer.WriteLine(prefix + line);
            writer.Flush();
        }
    }

    private int IndexOf(string name)
    {
        for (var index = 0; index < names.Count; index++)
        {
            if (names[index] == name)
            {
                return index;
            }
        }
        return 0;
    }
}
