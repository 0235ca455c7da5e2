using System.Collections.Immutable;
using System.Reflection;

namespace Twite.Seeding;

/// <summary>A first or last name in its own script, and as it is written in an account's name.</summary>
internal sealed record DemoName(string Native, string Latin);

/// <summary>What people of one language are called and say: a block of <c>phrases.txt</c>. Immutable.</summary>
internal sealed record DemoLanguage(
    string Name,
    string DisplayName,
    ImmutableArray<DemoName> First,
    ImmutableArray<DemoName> Last,
    ImmutableArray<string> Topics,
    ImmutableArray<string> Sayings,
    ImmutableArray<string> Endings,
    ImmutableArray<string> Tags)
{
    /// <summary>How many different pairs of names the language has.</summary>
    public int Names => First.Length * Last.Length;

    /// <summary>Reads the languages that come with the program.</summary>
    public static ImmutableArray<DemoLanguage> LoadAll()
    {
        using var reader = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream("phrases.txt")!);
        return
        [
            .. reader.ReadToEnd().Split('\n').Where(l => !l.StartsWith('#'))
                .Aggregate(new List<List<string>>(), (blocks, line) =>
                {
                    if (line.StartsWith('['))
                    {
                        blocks.Add([]);
                    }
                    if (line.Length > 0)
                    {
                        blocks[^1].Add(line);
                    }
                    return blocks;
                })
                .Select(Parse),
        ];
    }

    private static DemoLanguage Parse(IReadOnlyList<string> lines)
    {
        var values = lines.Skip(1).Select(l => l.Split(": ", 2)).ToDictionary(l => l[0].TrimEnd(':'), l => l[1]);
        return new DemoLanguage(
            lines[0].Trim('[', ']'),
            values.GetValueOrDefault("name", "{first} {last}"),
            [.. Split(values["first"]).Select(ParseName)],
            [.. Split(values["last"]).Select(ParseName)],
            Split(values["topic"]),
            Split(values["say"]),
            Split(values["end"]),
            [.. values["tag"].Split(' ')]);
    }

    private static ImmutableArray<string> Split(string values) => [.. $" {values} ".Split(" / ").Select(v => v.Trim())];

    private static DemoName ParseName(string name) => name.Split('=') switch
    {
        [var native, var latin] => new DemoName(native, latin),
        _ => throw new InvalidOperationException($"phrases.txt: \"{name}\" is not NATIVE=LATIN."),
    };
}
