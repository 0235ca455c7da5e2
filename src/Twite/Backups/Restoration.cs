using Microsoft.Extensions.Logging;
using Twite.Hosting;
using Twite.Keys;
using Twite.Storage;
using Twite.Topologies;

namespace Twite.Backups;

/// <summary>Brings a backup back to a data directory on which nothing runs.</summary>
/// <param name="host">Where the data are, and the settings.</param>
/// <param name="loggers">Where it is logged.</param>
/// <param name="time">Says what time it is.</param>
internal sealed class Restoration(TwiteHostOptions host, ILoggerFactory loggers, TimeProvider time)
{
    private readonly DataFiles _data = new(host.DataDirectory);

    /// <summary>Copies a backup, tries whether this version can use it, and only then puts it where the services find it. What is there now is
    /// set aside, and none of it removed.</summary>
    /// <param name="from">The backup. It is not changed.</param>
    /// <param name="cancellationToken">Gives up before anything is exchanged.</param>
    /// <returns>Where that was set aside; null when there was nothing.</returns>
    /// <exception cref="StorageException">The backup is damaged or from a newer version, something runs on the data, or there is no room.</exception>
    /// <exception cref="IOException">The data directory cannot be written to.</exception>
    public async Task<string?> RunAsync(string from, CancellationToken cancellationToken)
    {
        DataDirectory.Create(host.DataDirectory);
        var held = new List<DatabaseLock>();
        try
        {
            held.AddRange(ServiceCatalog.WithDatabase.Select(service => Hold(_data.In(service + ".db"))));
            var staged = _data.In("restoring");
            if (Directory.Exists(staged))
            {
                Directory.Delete(staged, recursive: true);
            }
            PrivateFile.MakeDirectory(staged);
            await StageAsync(new DataFiles(from), staged, cancellationToken);
            var aside = _data.Databases.Count > 0 ? _data.In($"replaced-{time.GetUtcNow():yyyyMMdd'T'HHmmss'Z'}") : null;
            if (aside is not null)
            {
                PrivateFile.MakeDirectory(aside);
                _data.MoveTo(new DataFiles(aside));
            }
            new DataFiles(staged).MoveTo(_data);
            Directory.Delete(staged, recursive: true);
            return aside;
        }
        finally
        {
            held.ForEach(static each => each.Dispose());
        }
    }

    private static DatabaseLock Hold(string path) => DatabaseLock.TryTake(path)
        ?? throw new StorageException(StorageFailure.InUse, $"{path} belongs to an instance that is running. Stop the network, then restore.");

    private async Task StageAsync(DataFiles backup, string staged, CancellationToken cancellationToken)
    {
        using (var still = DatabaseSnapshot.Of(backup.Databases))
        {
            still.CopyTo(staged, cancellationToken);
        }
        foreach (var path in new DataFiles(staged).Databases)
        {
            var storage = Composition.StorageOf(Path.GetFileNameWithoutExtension(path), host) with { Path = path, Server = null };
            // Brings its tables up to date too.
            await (await Database.OpenAsync(storage, loggers, time, cancellationToken)).DisposeAsync();
        }
        backup.CopyOthersTo(new DataFiles(staged));
    }
}
