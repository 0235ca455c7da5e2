using Twite.Faults.Network;

[assembly: AssemblyFixture(typeof(Twite.Faults.Authors))]

namespace Twite.Faults;

/// <summary>A data directory with some people and their tokens, made once with the operator's own commands; each run starts from a copy.</summary>
public sealed class Authors : IAsyncLifetime
{
    /// <summary>How many there are.</summary>
    internal const int Most = 6;

    private static readonly string[] Names = ["ada", "bela", "chidi", "dana", "emre", "fumiko"];

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("twite-authors-");
    private readonly Dictionary<string, string> _tokens = [];

    /// <summary>Each author's token.</summary>
    internal IReadOnlyDictionary<string, string> Tokens => _tokens;

    private string Data => Path.Combine(_directory.FullName, "data");

    public async ValueTask InitializeAsync()
    {
        foreach (var (name, token) in await AddAsync(Data, database: null))
        {
            _tokens.Add(name, token);
        }
    }

    /// <summary>Makes the authors in another directory.</summary>
    /// <param name="data">The directory.</param>
    /// <param name="database">The connection string of the PostgreSQL with the tables; null for files.</param>
    /// <param name="count">How many of them.</param>
    /// <returns>Their tokens.</returns>
    internal static async Task<Dictionary<string, string>> AddAsync(string data, string? database, int count = Most)
    {
        var names = Names[..count];
        var graph = Path.Combine(Path.GetDirectoryName(data)!, "graph.txt");
        await File.WriteAllLinesAsync(graph, names.Select((a, i) => $"{a} {names[(i + 1) % count]}"));
        await TwiteProgram.RunOnAsync(database, "seed", "--graph", graph, "--data", data);
        var tokens = new Dictionary<string, string>();
        foreach (var name in names)
        {
            tokens[name] = (await TwiteProgram.RunOnAsync(database, "admin", "token", name, "--data", data)).Trim();
        }
        return tokens;
    }

    /// <summary>Copies the files; nothing runs on them.</summary>
    internal void CopyTo(string data)
    {
        Directory.CreateDirectory(data);
        foreach (var file in Directory.EnumerateFiles(Data))
        {
            File.Copy(file, Path.Combine(data, Path.GetFileName(file)));
        }
    }

    public ValueTask DisposeAsync()
    {
        _directory.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }
}
