using Twite.Postgres;

[assembly: AssemblyFixture(typeof(Twite.Faults.PostgresAuthors))]

namespace Twite.Faults;

/// <summary>Some people and their tokens on a PostgreSQL of their own, made by the first test that needs them; each run starts from a copy.</summary>
public sealed class PostgresAuthors : IAsyncDisposable
{
    private const int Count = 4;
    private const string Seeded = "seeded";

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("twite-authors-");
    private readonly Dictionary<string, string> _tokens = [];
    private PostgresCluster? _cluster;
    private int _copies;

    /// <summary>Each author's token.</summary>
    internal IReadOnlyDictionary<string, string> Tokens => _tokens;

    /// <summary>The server; a commit is on its disk.</summary>
    internal PostgresCluster Cluster => _cluster ?? throw new InvalidOperationException("Nobody has asked for a database yet.");

    /// <summary>Makes a database with the authors. One test at a time.</summary>
    /// <returns>Its connection string.</returns>
    internal async Task<string> CopyAsync()
    {
        if (_cluster is null)
        {
            _cluster = await PostgresCluster.StartAsync(durable: true);
            await _cluster.CreateDatabaseAsync(Seeded, "template0");
            foreach (var (name, token) in await Authors.AddAsync(Path.Combine(_directory.FullName, "data"), _cluster.ConnectionStringOf(Seeded), Count))
            {
                _tokens.Add(name, token);
            }
        }
        var copy = $"run{++_copies}";
        await _cluster.CreateDatabaseAsync(copy, Seeded);
        return _cluster.ConnectionStringOf(copy);
    }

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }
        _directory.Delete(recursive: true);
    }
}
