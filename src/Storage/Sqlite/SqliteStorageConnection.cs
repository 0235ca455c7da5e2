using System.Data.Common;
using System.Text;
using Microsoft.Data.Sqlite;

namespace Twite.Storage;

/// <summary>A connection to a file. Keeps its prepared statements: <see cref="SqliteConnection"/> does not.</summary>
internal sealed class SqliteStorageConnection : StorageConnection
{
    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, Kept> _statements = new(StringComparer.Ordinal);

    public SqliteStorageConnection(SqliteConnection connection) => _connection = connection;

    internal override bool InTransaction => SQLitePCL.raw.sqlite3_get_autocommit(_connection.Handle) == 0;

    public override DbDataReader Query(string sql, params ReadOnlySpan<object?> values) => Statement(sql, values).ExecuteReader();

    public override int Run(string sql, params ReadOnlySpan<object?> values) => Statement(sql, values).ExecuteNonQuery();

    public override void Send(string sql, params ReadOnlySpan<object?> values) => Run(sql, values);

    public override void QueryEach<TKey>(string sql, ReadOnlySpan<TKey> keys, Action<TKey, DbDataReader> row, params ReadOnlySpan<object?> values)
    {
        var statement = Find(sql, 1 + values.Length);
        for (var i = 0; i < values.Length; i++)
        {
            statement.Parameters[i + 1].Value = values[i] ?? DBNull.Value;
        }
        foreach (var key in keys)
        {
            statement.Parameters[0].Value = key;
            using var reader = statement.Command.ExecuteReader();
            // There is no second: to look for it would cost as much as a tenth of a timeline.
            if (reader.Read())
            {
                row(key, reader);
            }
        }
    }

    public override string Pick(string sqlite, string postgres) => sqlite;

    public override object ToParameter(long[] ids)
    {
        var json = new StringBuilder("[", (ids.Length * 20) + 2);
        foreach (var id in ids)
        {
            json.Append(json.Length > 1 ? "," : "").Append(id);
        }
        return json.Append(']').ToString();
    }

    public override void Dispose()
    {
        foreach (var statement in _statements.Values)
        {
            statement.Command.Dispose();
        }
        _statements.Clear();
        _connection.Dispose();
    }

    internal override void BeginRead() => Run("BEGIN");

    internal override void BeginWrite() => Run("BEGIN IMMEDIATE");

    internal override void Commit() => Run("COMMIT");

    internal override void Rollback() => Run("ROLLBACK");

    internal override void BeginWork() => Run("SAVEPOINT work");

    internal override void EndWork() => Run("RELEASE work");

    internal override void UndoWork()
    {
        Run("ROLLBACK TO work");
        Run("RELEASE work");
    }

    private SqliteCommand Statement(string sql, ReadOnlySpan<object?> values)
    {
        var statement = Find(sql, values.Length);
        for (var i = 0; i < values.Length; i++)
        {
            statement.Parameters[i].Value = values[i] ?? DBNull.Value;
        }
        return statement.Command;
    }

    private Kept Find(string sql, int parameters)
    {
        if (!_statements.TryGetValue(sql, out var statement))
        {
            var command = _connection.CreateCommand();
#pragma warning disable CA2100 // the callers' SQL is constant, values are parameters
            command.CommandText = sql;
#pragma warning restore CA2100
            statement = new Kept(command, [.. Enumerable.Range(1, parameters).Select(i => new SqliteParameter { ParameterName = $"?{i}" })]);
            command.Parameters.AddRange(statement.Parameters);
            _statements.Add(sql, statement);
        }
        return statement;
    }

    private sealed record Kept(SqliteCommand Command, SqliteParameter[] Parameters);
}
