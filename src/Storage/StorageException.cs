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

    /// <summary>The database server cannot be reached, or went away in the middle.</summary>
    Away,

    /// <summary>The database server does not let this program in, or to what it needs.</summary>
    Denied,

    /// <summary>The database server went away during the commit: whether it was stored is not known.</summary>
    Uncertain,
}

/// <summary>The database could not be opened, read or written. The message is for people: what happened, to which file or server, what to
/// do. Of a write that ends in this exception nothing was stored, but for <see cref="StorageFailure.Uncertain"/>.</summary>
public sealed class StorageException : Exception
{
    /// <summary>Creates the exception.</summary>
    public StorageException(StorageFailure failure, string message, Exception? innerException = null)
        : base(message, innerException) => Failure = failure;

    /// <summary>What went wrong.</summary>
    public StorageFailure Failure { get; }
}
