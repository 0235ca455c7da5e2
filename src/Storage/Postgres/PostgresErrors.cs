using System.Net.Sockets;
using Npgsql;

namespace Twite.Storage;

/// <summary>What PostgreSQL's errors mean, in people's words.</summary>
internal static class PostgresErrors
{
    /// <summary>Whether the server had ended the connection, or the way to it is gone. Not whether it is slow: that another connection does not mend.</summary>
    public static bool IsBroken(Exception error) => error switch
    {
        PostgresException answer => answer.SqlState.StartsWith("57P", StringComparison.Ordinal) || answer.SqlState == "25P03",
        NpgsqlException => error.InnerException is IOException or SocketException,
        _ => false,
    };

    /// <summary>Null for an error that is the statement's.</summary>
    public static StorageException? Explain(Exception error, string place) => error switch
    {
        StorageException failure => failure,
        PostgresException answer => ExplainAnswer(answer, place),
        NpgsqlException { InnerException: TimeoutException } => new StorageException(StorageFailure.Away,
            $"{place} does not answer. Look whether it is overloaded or the network is cut off.", error),
        NpgsqlException or SocketException or IOException or TimeoutException => new StorageException(StorageFailure.Away,
            $"{place} cannot be reached ({Innermost(error).Message}). Start it, or correct Host and Port in the connection string.", error),
        // A connection that broke is told so when it is used once more.
        InvalidOperationException or ObjectDisposedException when error.TargetSite?.DeclaringType?.Assembly == typeof(NpgsqlConnection).Assembly =>
            new StorageException(StorageFailure.Away, $"The connection to {place} broke.", error),
        _ => null,
    };

    // The first two characters are the class: https://www.postgresql.org/docs/15/errcodes-appendix.html
    private static StorageException? ExplainAnswer(PostgresException error, string place) => error.SqlState switch
    {
        PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification => new StorageException(StorageFailure.Denied,
            $"{place} does not let this program in ({error.MessageText}). Correct Username and Password in the connection string.", error),
        PostgresErrorCodes.InvalidCatalogName => new StorageException(StorageFailure.Denied,
            $"{place} has no such database ({error.MessageText}). Make it, or correct Database in the connection string.", error),
        PostgresErrorCodes.InsufficientPrivilege => new StorageException(StorageFailure.Denied,
            $"{place} does not allow what the program needs ({error.MessageText}). Make its user the owner of the schemas, or let it create them.", error),
        PostgresErrorCodes.DiskFull => new StorageException(StorageFailure.DiskFull,
            $"No space is left for {place}. Free some on the server's disk; the database works again as soon as there is.", error),
        PostgresErrorCodes.TooManyConnections => new StorageException(StorageFailure.Busy,
            $"{place} has too many connections. Raise its max_connections, or lower Maximum Pool Size in the connection string.", error),
        PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.QueryCanceled or PostgresErrorCodes.DeadlockDetected => new StorageException(StorageFailure.Busy,
            $"Somebody else keeps {place} locked ({error.MessageText}). Try again in a moment.", error),
        PostgresErrorCodes.ReadOnlySqlTransaction => new StorageException(StorageFailure.ReadOnly,
            $"{place} only answers questions: it is a standby, or set to read only. Give the primary in the connection string.", error),
        PostgresErrorCodes.IoError => new StorageException(StorageFailure.InputOutput,
            $"The server's disk failed to read or write {place}. Look at the server's log for the reason.", error),
        PostgresErrorCodes.DataCorrupted or PostgresErrorCodes.IndexCorrupted => new StorageException(StorageFailure.Corrupt,
            $"{place} is damaged ({error.MessageText}). Stop the program and restore it from a backup.", error),
        // Data, constraints, mistakes in SQL, and more than a statement may hold.
        _ when error.SqlState.StartsWith("22", StringComparison.Ordinal) || error.SqlState.StartsWith("23", StringComparison.Ordinal)
            || error.SqlState.StartsWith("42", StringComparison.Ordinal) || error.SqlState.StartsWith("54", StringComparison.Ordinal) => null,
        // Starting, stopping, ended by an administrator, out of something, changed under a prepared statement: another connection, or later.
        _ => new StorageException(StorageFailure.Away, $"{place} cannot be used now ({error.MessageText}).", error),
    };

    private static Exception Innermost(Exception error) => error.InnerException is { } inner ? Innermost(inner) : error;
}
