using Microsoft.Data.Sqlite;

namespace Twite.Storage;

/// <summary>What SQLite's errors mean, in people's words.</summary>
internal static class SqliteErrors
{
    /// <summary>Null for an error that is the statement's.</summary>
    public static StorageException? Explain(SqliteException error, string path) => error.SqliteErrorCode switch
    {
        SQLitePCL.raw.SQLITE_FULL => new StorageException(StorageFailure.DiskFull,
            $"No space is left for {path}. Free some on that disk; the database works again as soon as there is.", error),
        SQLitePCL.raw.SQLITE_READONLY or SQLitePCL.raw.SQLITE_CANTOPEN or SQLitePCL.raw.SQLITE_PERM => CannotWrite(path, error),
        SQLitePCL.raw.SQLITE_BUSY or SQLitePCL.raw.SQLITE_LOCKED => new StorageException(StorageFailure.Busy,
            $"Another process keeps {path} locked. Try again when it is done.", error),
        SQLitePCL.raw.SQLITE_NOTADB => new StorageException(StorageFailure.NotADatabase,
            $"{path} is not a database. Move it away or choose another data directory.", error),
        SQLitePCL.raw.SQLITE_CORRUPT => new StorageException(StorageFailure.Corrupt,
            $"{path} is damaged. Stop the program and restore the file from a backup.", error),
        SQLitePCL.raw.SQLITE_IOERR => new StorageException(StorageFailure.InputOutput,
            $"The disk failed to read or write {path}. Look at the system's log for the reason.", error),
        _ => null,
    };

    public static StorageException CannotWrite(string path, Exception error) => new(StorageFailure.ReadOnly,
        $"{path} cannot be written to ({error.Message}). Give the user that runs the program write access to it and its directory, "
        + "or choose another data directory.", error);
}
