using System.Data.Common;
using Npgsql;

namespace Twite.Storage;

/// <summary>A PostgreSQL database that services keep their tables in, each in a schema of its own. Its text shows no secret. Immutable.</summary>
public sealed class PostgresServer
{
    private const string Example = "Host=db.example;Database=twite;Username=twite;Password=…";
    private const int DefaultReaders = 16;

    private readonly string _connectionString;
    private readonly string _place;

    /// <summary>Reads a connection string in Npgsql's form. Nothing is connected yet.</summary>
    /// <param name="connectionString">The connection string. <c>Maximum Pool Size</c> is how many connections of one service read at once
    /// (default: 16); one more writes.</param>
    /// <param name="setting">The setting it comes from, for messages.</param>
    /// <exception cref="FormatException">It cannot be understood; the message repeats nothing of it.</exception>
    public PostgresServer(string connectionString, string setting)
    {
        NpgsqlConnectionStringBuilder read;
        try
        {
            read = new NpgsqlConnectionStringBuilder(connectionString);
            MaxReaders = new DbConnectionStringBuilder { ConnectionString = connectionString }.ContainsKey("Maximum Pool Size")
                ? Math.Max(1, read.MaxPoolSize)
                : DefaultReaders;
        }
        catch (Exception error) when (error is ArgumentException or FormatException or OverflowException or InvalidCastException)
        {
#pragma warning disable MA0054 // not the error's own words: they may quote what was typed, and with it a password
            throw new FormatException($"The setting {setting} is not a connection string of PostgreSQL such as {Example}.");
#pragma warning restore MA0054
        }
        if (string.IsNullOrEmpty(read.Host))
        {
            throw new FormatException($"The setting {setting} names no Host. A connection string looks like {Example}.");
        }
        _connectionString = connectionString;
        var database = read.Database ?? read.Username;
        _place = $"PostgreSQL at {read.Host}:{read.Port}{(database is null ? "" : $", database {database}")}";
        IsSecured = read.SslMode is SslMode.VerifyCA or SslMode.VerifyFull
            || read.Host.Split(',').All(h => h[0] is '/' or '@' || h.Split(':')[0] is "localhost" or "127.0.0.1" || h.StartsWith("::1", StringComparison.Ordinal));
    }

    /// <summary>The most connections of one service that read at once.</summary>
    internal int MaxReaders { get; }

    /// <summary>Whether nobody on the way can read along: verified TLS, or not leaving the machine.</summary>
    internal bool IsSecured { get; }

    /// <inheritdoc/>
    public override string ToString() => _place;

    /// <summary>The connection string of one service's connections.</summary>
    /// <param name="schema">Where unqualified names are looked up.</param>
    /// <param name="wait">How long a statement waits for another's lock.</param>
    /// <param name="readOnly">Whether it never writes.</param>
    internal string ConnectionStringFor(string schema, TimeSpan wait, bool readOnly = false)
    {
        var given = new DbConnectionStringBuilder { ConnectionString = _connectionString };
        var full = new NpgsqlConnectionStringBuilder(_connectionString)
        {
            // Connections are kept by the storage, with what was prepared on them.
            Pooling = false,
            Enlist = false,
            MaxAutoPrepare = 200,
            AutoPrepareMinUsages = 2,
        };
        if (!given.ContainsKey("Application Name"))
        {
            full.ApplicationName = $"twite {schema}";
        }
        if (!given.ContainsKey("Timeout"))
        {
            full.Timeout = 5;
        }
        if (!given.ContainsKey("Command Timeout"))
        {
            full.CommandTimeout = 10;
        }
        // A replica that stops in the middle of a transaction holds up the others for ten seconds at most. Our statements are short: compiling
        // them would take longer than running them.
        full.Options = ($"{full.Options} -c search_path={schema} -c lock_timeout={wait.TotalMilliseconds:0} -c idle_in_transaction_session_timeout=10000 "
            + $"-c jit=off{(readOnly ? " -c default_transaction_read_only=on" : "")}").Trim();
        return full.ConnectionString;
    }
}
