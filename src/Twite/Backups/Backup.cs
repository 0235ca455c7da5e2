using Twite.Keys;
using Twite.Storage;

namespace Twite.Backups;

/// <summary>Copies a network's files while it runs and while it does not.</summary>
internal static class Backup
{
    /// <summary>Makes a backup, which is there entirely or not at all.</summary>
    /// <param name="data">The data directory; it has a database at least.</param>
    /// <param name="to">A directory that does not exist.</param>
    /// <param name="time">For how long it is tried.</param>
    /// <param name="cancellationToken">Gives up between two files.</param>
    /// <exception cref="StorageException">A database cannot be copied.</exception>
    /// <exception cref="IOException">The backup cannot be written.</exception>
    public static void Make(DataFiles data, string to, TimeProvider time, CancellationToken cancellationToken)
    {
        var partial = to + ".partial";
        if (Directory.Exists(partial))
        {
            throw new IOException($"{partial} is left from a backup that was cut short, or another is being made there. Remove it, or name another directory.");
        }
        PrivateFile.MakeDirectory(partial);
        try
        {
            // Before the messages: what was seeded meanwhile is then known by its keys.
            data.CopyOthersTo(new DataFiles(partial));
            using (var snapshot = DatabaseSnapshot.Take(data.Databases, time, cancellationToken))
            {
                snapshot.CopyTo(partial, cancellationToken);
            }
            Directory.Move(partial, to);
        }
        catch
        {
            Directory.Delete(partial, recursive: true);
            throw;
        }
    }
}
