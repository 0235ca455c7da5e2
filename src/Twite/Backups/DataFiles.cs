using Twite.Keys;
using Twite.Topologies;

namespace Twite.Backups;

/// <summary>What a network keeps in a directory: its data directory, or a backup, which looks the same.</summary>
/// <param name="directory">That directory.</param>
internal sealed class DataFiles(string directory)
{
    // How far each seed is stored, which goes with the messages.
    private const string Seeds = "seeds.json";

    // The keys of forms that people have open.
    private const string WebKeys = "web-keys";

    // What a broker of its own still holds: of a time that a restored network does not know.
    private const string Broker = "broker";

    /// <summary>The services' databases that are there.</summary>
    public IReadOnlyList<string> Databases => [.. ServiceCatalog.WithDatabase.Select(service => In(service + ".db")).Where(File.Exists)];

    /// <summary>A path in it.</summary>
    public string In(string name) => Path.Combine(directory, name);

    /// <summary>Copies what is no database to a place that has none of it.</summary>
    public void CopyOthersTo(DataFiles to)
    {
        CopyForOwner(In(Seeds), to.In(Seeds));
        if (Directory.Exists(In(WebKeys)))
        {
            PrivateFile.MakeDirectory(to.In(WebKeys));
            foreach (var key in Directory.EnumerateFiles(In(WebKeys)))
            {
                CopyForOwner(key, Path.Combine(to.In(WebKeys), Path.GetFileName(key)));
            }
        }
    }

    /// <summary>Moves all of it to a place that has none of it: databases with what SQLite keeps beside them, and what a broker of its own holds.</summary>
    public void MoveTo(DataFiles to)
    {
        // A log that stays where another database comes would be taken for that one's.
        var files = ServiceCatalog.WithDatabase.SelectMany(static service => new[] { $"{service}.db-wal", $"{service}.db-shm", $"{service}.db" }).Append(Seeds);
        foreach (var file in files.Where(name => File.Exists(In(name))))
        {
            File.Move(In(file), to.In(file));
        }
        foreach (var folder in new[] { WebKeys, Broker }.Where(name => Directory.Exists(In(name))))
        {
            Directory.Move(In(folder), to.In(folder));
        }
    }

    private static void CopyForOwner(string from, string to)
    {
        if (File.Exists(from))
        {
            PrivateFile.WriteSecret(to, File.ReadAllText(from));
        }
    }
}
