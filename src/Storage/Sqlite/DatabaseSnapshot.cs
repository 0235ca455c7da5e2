namespace Twite.Storage;

/// <summary>Several files at one moment, whatever runs meanwhile: nothing that one of them tells of another is missing there. Writers wait while it is
/// taken, which is for milliseconds, and not while it is copied. For one thread at a time. Disposing lets go of it.</summary>
public sealed class DatabaseSnapshot : IDisposable
{
    // Less than writers wait for a lock: those of the first file wait until the last one could be had.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly IReadOnlyList<SqliteFile> _files;

    private DatabaseSnapshot(IReadOnlyList<SqliteFile> files) => _files = files;

    /// <summary>Takes a snapshot of files that exist.</summary>
    /// <exception cref="StorageException">One cannot be read, or others have kept it locked for 2 s.</exception>
    public static DatabaseSnapshot Take(IEnumerable<string> paths, TimeProvider time, CancellationToken cancellationToken)
    {
        var files = new List<SqliteFile>();
        var writers = new List<SqliteFile>();
        try
        {
            foreach (var path in paths)
            {
                files.Add(SqliteFile.Open(path));
                writers.Add(SqliteFile.Open(path));
            }
            var since = time.GetTimestamp();
            foreach (var writer in writers)
            {
                // Between two commits a file is free for less time than SQLite sleeps between two looks.
                while (!writer.TryHoldWrites(isLastTry: time.GetElapsedTime(since) > Patience))
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    Thread.Yield();
                }
            }
            files.ForEach(static file => file.BeginRead());
            return new DatabaseSnapshot(files);
        }
        catch
        {
            files.ForEach(static file => file.Dispose());
            throw;
        }
        finally
        {
            writers.ForEach(static file => file.Dispose());
        }
    }

    /// <summary>Files that exist and nobody writes into, such as an earlier snapshot's copies; they may be where nothing can be written.</summary>
    /// <exception cref="StorageException">One cannot be read.</exception>
    public static DatabaseSnapshot Of(IEnumerable<string> paths)
    {
        var files = new List<SqliteFile>();
        try
        {
            files.AddRange(paths.Select(SqliteFile.Open));
            return new DatabaseSnapshot(files);
        }
        catch
        {
            files.ForEach(static file => file.Dispose());
            throw;
        }
    }

    /// <summary>Copies the files into a directory that has none of them, for their owner alone. Each copy is one file, checked, and on the disk.</summary>
    /// <exception cref="StorageException">No space is left, it cannot be written to, or what was copied is damaged.</exception>
    public void CopyTo(string directory, CancellationToken cancellationToken)
    {
        foreach (var file in _files)
        {
            cancellationToken.ThrowIfCancellationRequested();
            file.CopyTo(Path.Combine(directory, Path.GetFileName(file.Path)));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var file in _files)
        {
            file.Dispose();
        }
    }
}
