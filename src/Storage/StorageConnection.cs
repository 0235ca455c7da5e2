using Microsoft.Data.Sqlite;

namespace Twite.Storage;

/// <summary>A connection that keeps its prepared statements: <see cref="SqliteConnection"/> does not. Used by one thread at a time; Dapper
/// works on it as on any connection. Transactions are the storage's business: never begin or end one.</summary>
public sealed class StorageConnection : SqliteConnection
{
    private readonly Dictionary<string, SqliteCommand> _statements = new(StringComparer.Ordinal);

    internal StorageConnection(string connectionString) : base(connectionString)
    {
    }

    /// <summary>A statement that was prepared once on this connection, with values for its parameters <c>?1</c>, <c>?2</c> …; the connection
    /// owns it. Finish reading its rows before the same SQL is asked for again.</summary>
    /// <param name="sql">The SQL: a constant, because each one is kept.</param>
    /// <param name="values">One value per parameter; null is NULL. They can be changed later through <see cref="SqliteCommand.Parameters"/>.</param>
    public SqliteCommand Statement(string sql, params ReadOnlySpan<object?> values)
    {
        if (!_statements.TryGetValue(sql, out var statement))
        {
            statement = CreateCommand();
#pragma warning disable CA2100 // the callers' SQL is constant, values are parameters
            statement.CommandText = sql;
#pragma warning restore CA2100
            for (var i = 0; i < values.Length; i++)
            {
                statement.Parameters.Add(new SqliteParameter { ParameterName = $"?{i + 1}" });
            }
            _statements.Add(sql, statement);
        }
        for (var i = 0; i < values.Length; i++)
        {
            statement.Parameters[i].Value = values[i] ?? DBNull.Value;
        }
        return statement;
    }

    /// <summary>Runs a statement that is kept and answers how many rows it changed.</summary>
    public int Run(string sql, params ReadOnlySpan<object?> values) => Statement(sql, values).ExecuteNonQuery();

    /// <summary>The first column of the first row of a statement that is kept; null when there is no row, or NULL.</summary>
    public long? FindInt64(string sql, params ReadOnlySpan<object?> values)
    {
        using var reader = Statement(sql, values).ExecuteReader();
        return reader.Read() && !reader.IsDBNull(0) ? reader.GetInt64(0) : null;
    }

    /// <summary>The id of the last change that this connection's transaction sees; 0 when there was none.</summary>
    public long LastChangeId() => FindInt64("SELECT last_change FROM ids") ?? 0;

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            foreach (var statement in _statements.Values)
            {
                statement.Dispose();
            }
            _statements.Clear();
        }
        base.Dispose(disposing);
    }
}
