namespace Twite.Storage;

/// <summary>Holds a database for one running instance, or for who exchanges its file: an advisory lock (<c>flock</c>) on a file beside it. The system lets
/// go of it when the process ends, however it ends. Disposing lets go of it.</summary>
public sealed class DatabaseLock : IDisposable
{
    private const int WouldBlock = 11;

    private readonly FileStream _file;

    private DatabaseLock(FileStream file) => _file = file;

    /// <summary>Takes the lock, or says who is in the way.</summary>
    /// <exception cref="StorageException">The file is held, or its directory cannot be written to.</exception>
    public static DatabaseLock Take(string path)
    {
        try
        {
            return new DatabaseLock(new FileStream(path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException error) when (error.HResult == WouldBlock || (uint)error.HResult == 0x80070020)
        {
            throw new StorageException(StorageFailure.InUse,
                $"{path} belongs to an instance that is running. Stop it first, or give this one a data directory of its own (--data). "
                + "The tools of twite admin work beside a running instance.", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw SqliteErrors.CannotWrite(path, error);
        }
    }

    /// <inheritdoc cref="Take"/>
    /// <returns>Null when a running instance has it.</returns>
    public static DatabaseLock? TryTake(string path)
    {
        try
        {
            return Take(path);
        }
        catch (StorageException error) when (error.Failure == StorageFailure.InUse)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
