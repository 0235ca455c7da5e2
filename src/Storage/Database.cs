using Microsoft.Extensions.Logging;

namespace Twite.Storage;

/// <summary>A service's tables, in a SQLite file of its own or in its schema on a PostgreSQL server: many readers and one writer whose commits are
/// shared. An acknowledged write is on disk. Any thread may use it. Disposing finishes the writes that wait and closes it.</summary>
public sealed class Database : IAsyncDisposable
{
    private readonly Engine _engine;
    private readonly ReadPool _readers;
    private readonly CommitLoop _commits;

    private Database(DatabaseOptions options, Engine engine, ILoggerFactory loggers, TimeProvider time)
    {
        Options = options;
        Time = time;
        Loggers = loggers;
        _engine = engine;
        _readers = new ReadPool(engine, options.BusyTimeout);
        OutboxWriter = new OutboxWriter(options.Name, time);
        _commits = new CommitLoop(options, engine, OutboxWriter, loggers.CreateLogger<Database>(), time);
        Outbox = new Outbox(this);
    }

    /// <summary>What it was opened with.</summary>
    public DatabaseOptions Options { get; }

    /// <summary>The events that others still have to be told: to look into, to confirm, to replay or drop what is parked.</summary>
    public Outbox Outbox { get; }

    /// <summary>Whether other processes change it too: replicas on one server. What is kept in memory may then be behind.</summary>
    public bool IsShared => _engine.IsShared;

    internal OutboxWriter OutboxWriter { get; }

    internal TimeProvider Time { get; }

    internal ILoggerFactory Loggers { get; }

    /// <summary>Opens it, makes it when it does not exist, and brings its tables up to date.</summary>
    /// <exception cref="StorageException">It cannot be used; the message says why and what to do: the directory is read-only or the disk
    /// full, a running instance holds the file, it is from a newer version, it is no database, or the server is away or refuses.</exception>
    public static Task<Database> OpenAsync(
        DatabaseOptions options, ILoggerFactory loggers, TimeProvider time, CancellationToken cancellationToken) =>
        Task.Run(() => Open(options, loggers, time), cancellationToken);

    /// <summary>Runs a query in one read transaction: it sees one state of the database throughout. Synchronous, on the caller's thread; readers
    /// never wait for the writer; on a server at most so many read at once as there may be connections. A connection that turns out to be broken is replaced, and the query runs
    /// once more from its beginning.</summary>
    /// <exception cref="StorageException">It could not be read.</exception>
    public T Read<T>(Func<StorageConnection, T> query) => _readers.Read(query);

    /// <inheritdoc cref="Read{T}"/>
    public void Read(Action<StorageConnection> query) => _readers.Read(connection =>
    {
        query(connection);
        return true;
    });

    /// <summary>Runs work on the writer thread within a group commit, undone on its own if need be, and completes when the commit is on disk. What
    /// the work throws is thrown here, and only this work is undone. Works run one at a time, in the order they came.</summary>
    /// <param name="work">Quick, synchronous, and without waiting for anything: all writers wait for it.</param>
    /// <param name="cancellationToken">Drops the work while it has not started; after that it is ignored.</param>
    /// <exception cref="StorageException">The work was not stored: too many wait (at once), or the disk is full or failed, or the
    /// server is away. With <see cref="StorageFailure.Uncertain"/> it may have been stored.</exception>
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
        _engine.Dispose();
    }

    /// <summary>A connection like the writer's, outside of the group commits: what benchmarks compare with.</summary>
    internal StorageConnection OpenBare() => _engine.OpenWriter();

    private static Database Open(DatabaseOptions options, ILoggerFactory loggers, TimeProvider time)
    {
        var logger = loggers.CreateLogger<Database>();
        Engine engine = options.Server is null ? SqliteEngine.Open(options, logger) : PostgresEngine.Open(options, options.Server, logger);
        try
        {
            logger.Opened(engine.Place);
            return new Database(options, engine, loggers, time);
        }
        catch
        {
            engine.Dispose();
            throw;
        }
    }
}
