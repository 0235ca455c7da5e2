using Microsoft.Data.Sqlite;

namespace Twite.Storage;

/// <summary>What kept a database from doing its work.</summary>
public enum StorageFailure
{
    /// <summary>Too many writes are waiting. Nothing was done; trying again later may work.</summary>
    Busy,

    /// <summary>The database has been closed.</summary>
    Closed,

    /// <summary>No space is left.</summary>
    DiskFull,

    /// <summary>The file or its directory cannot be written to.</summary>
    ReadOnly,

    /// <summary>A running instance holds the file.</summary>
    InUse,

    /// <summary>A newer version of the program has changed the tables.</summary>
    NewerVersion,

    /// <summary>The file is no database, or not one of this service.</summary>
    NotADatabase,

    /// <summary>The file's contents are damaged.</summary>
    Corrupt,

    /// <summary>The disk did not read or write.</summary>
    InputOutput,

    /// <summary>A migration failed.</summary>
    Migration,
}

/// <summary>The database could not be opened, read or written. The message is for people: what happened, to which file, what to do.
/// Of a write that ends in this exception nothing was stored.</summary>
public sealed class StorageException : Exception
{
    /// <summary>Creates the exception.</summary>
    public StorageException(StorageFailure failure, string message, Exception? innerException = null)
        : base(message, innerException) => Failure = failure;

    /// <summary>What went wrong.</summary>
    public StorageFailure Failure { get; }

    /// <summary>The exception for an error of SQLite that is the storage's fault; null for one that is the statement's (a constraint,
    /// a mistake in SQL).</summary>
    internal static StorageException? From(SqliteException error, string path) => error.SqliteErrorCode switch
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

    internal static StorageException CannotWrite(string path, Exception error) => new(StorageFailure.ReadOnly,
        $"{path} cannot be written to ({error.Message}). Give the user that runs the program write access to it and its directory, "
        + "or choose another data directory.", error);
}
