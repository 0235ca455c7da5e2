using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Twite.Storage;

/// <summary>A service's SQLite file: WAL, <c>synchronous=FULL</c>, many readers and one writer whose commits are shared. An acknowledged write
/// is on disk. Any thread may use it. Disposing finishes the writes that wait and closes the file.</summary>
public sealed class Database : IAsyncDisposable
{
    private readonly DatabaseLock? _lock;
    private readonly ReadPool _readers;
    private readonly CommitLoop _commits;

    private Database(DatabaseOptions options, DatabaseLock? held, ConnectionFactory connections, ILoggerFactory loggers, TimeProvider time)
    {
        Options = options;
        Time = time;
        Loggers = loggers;
        _lock = held;
        _readers = new ReadPool(connections, options.Path);
        OutboxWriter = new OutboxWriter(options.Name, time);
        _commits = new CommitLoop(options, connections.OpenWriter(), OutboxWriter, loggers.CreateLogger<Database>(), time);
        Outbox = new Outbox(this);
    }

    /// <summary>What it was opened with.</summary>
    public DatabaseOptions Options { get; }

    /// <summary>The events that others still have to be told: to look into, to confirm, to replay or drop what is parked.</summary>
    public Outbox Outbox { get; }

    internal OutboxWriter OutboxWriter { get; }

    internal TimeProvider Time { get; }

    internal ILoggerFactory Loggers { get; }

    /// <summary>Opens the file, makes it when it does not exist, and brings its tables up to date.</summary>
    /// <exception cref="StorageException">It cannot be used; the message says why and what to do: the directory is read-only or the disk
    /// full, a running instance holds it, it is from a newer version, or it is no database.</exception>
    public static Task<Database> OpenAsync(
        DatabaseOptions options, ILoggerFactory loggers, TimeProvider time, CancellationToken cancellationToken) =>
        Task.Run(() => Open(options, loggers, time), cancellationToken);

    /// <summary>Runs a query in one read transaction: it sees one state of the database throughout. Synchronous, on the caller's thread; readers
    /// never wait for the writer nor for each other.</summary>
    /// <exception cref="StorageException">The file could not be read.</exception>
    public T Read<T>(Func<StorageConnection, T> query) => _readers.Read(query);

    /// <summary>Runs work on the writer thread within a group commit, in a savepoint of its own, and completes when the commit is on disk. What
    /// the work throws is thrown here, and only this work is undone. Works run one at a time, in the order they came.</summary>
    /// <param name="work">Quick, synchronous, and without waiting for anything: all writers wait for it.</param>
    /// <param name="cancellationToken">Drops the work while it has not started; after that it is ignored.</param>
    /// <exception cref="StorageException">The work was not stored: too many wait (at once), or the disk is full or failed.</exception>
    /// <exception cref="OperationCanceledException">Cancelled before it started: it was not done.</exception>
    public Task<T> WriteAsync<T>(Func<WriteSession, T> work, CancellationToken cancellationToken) => _commits.WriteAsync(work, cancellationToken);

    /// <inheritdoc cref="WriteAsync{T}"/>
    public Task WriteAsync(Action<WriteSession> work, CancellationToken cancellationToken) =>
        _commits.WriteAsync(
            session =>
            {
                work(session);
                return true;
            },
            cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // The thread's end is awaited, which must not hold up whoever disposes.
        await Task.Run(_commits.Dispose);
        _readers.Dispose();
        _lock?.Dispose();
    }

    /// <summary>A connection like the writer's, outside of the group commits: what benchmarks compare with.</summary>
    internal StorageConnection OpenBare() => new ConnectionFactory(Options).OpenWriter();

    private static Database Open(DatabaseOptions options, ILoggerFactory loggers, TimeProvider time)
    {
        var logger = loggers.CreateLogger<Database>();
        var directory = Path.GetDirectoryName(Path.GetFullPath(options.Path))!;
        try
        {
            Directory.CreateDirectory(directory);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw StorageException.CannotWrite(directory, error);
        }

        var held = options.Alongside ? null : DatabaseLock.Take(options.Path);
        try
        {
            var connections = new ConnectionFactory(options);
            Migrate(options, connections, logger);
            if (held is not null)
            {
                ReleaseClaims(connections, options.Path);
            }
            logger.Opened(options.Path);
            return new Database(options, held, connections, loggers, time);
        }
        catch
        {
            held?.Dispose();
            throw;
        }
    }

    private static void Migrate(DatabaseOptions options, ConnectionFactory connections, ILogger logger)
    {
        var migrator = new Migrator(options, logger);
        try
        {
            using var connection = connections.OpenWriter();
            var missing = migrator.FindMissing(connection);
            if (missing.Count == 0)
            {
                return;
            }
            using var whileMigrating = options.Alongside ? DatabaseLock.TryTake(options.Path) : null;
            if (options.Alongside && whileMigrating is null)
            {
                throw new StorageException(StorageFailure.InUse,
                    $"{options.Path} is in use by an older version of the program. Stop that before this version works on it.");
            }
            migrator.Run(missing, connections.ConnectionString);
        }
        catch (SqliteException error) when (StorageException.From(error, options.Path) is not null)
        {
            throw StorageException.From(error, options.Path)!;
        }
    }

    // Whoever held the file before is gone, and its claims with it.
    private static void ReleaseClaims(ConnectionFactory connections, string path)
    {
        try
        {
            using var connection = connections.OpenWriter();
            connection.Run("UPDATE outbox SET claim = NULL, due_at = occurred_at WHERE claim IS NOT NULL");
        }
        catch (SqliteException error) when (StorageException.From(error, path) is not null)
        {
            throw StorageException.From(error, path)!;
        }
    }
}
