using System.Data;
using System.Data.Common;
using System.Text.RegularExpressions;
using Npgsql;

namespace Twite.Storage;

/// <summary>A connection to a server. What nobody waits for travels with the next statement that somebody does: a transaction of ten statements
/// takes three or four trips. Npgsql prepares what comes again.</summary>
internal sealed partial class PostgresStorageConnection(NpgsqlConnection connection) : StorageConnection
{
    private readonly Dictionary<string, string> _texts = new(StringComparer.Ordinal);
    private NpgsqlBatch? _unsent;
    private bool _begun;
    private bool _begunThere;
    private int _workBegins = -1;

    internal override bool InTransaction => _begun && connection.State == ConnectionState.Open;

    public override DbDataReader Query(string sql, params ReadOnlySpan<object?> values)
    {
        Send(sql, values);
        return TakeUnsent().ExecuteReader();
    }

    public override int Run(string sql, params ReadOnlySpan<object?> values)
    {
        Send(sql, values);
        var batch = TakeUnsent();
        batch.ExecuteNonQuery();
        return batch.BatchCommands[^1].RecordsAffected;
    }

    public override void Send(string sql, params ReadOnlySpan<object?> values)
    {
        var command = new NpgsqlBatchCommand(TextOf(sql));
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value ?? DBNull.Value });
        }
        _unsent ??= connection.CreateBatch();
        _unsent.BatchCommands.Add(command);
    }

    public override void QueryEach<TKey>(string sql, ReadOnlySpan<TKey> keys, Action<TKey, DbDataReader> row, params ReadOnlySpan<object?> values)
    {
        if (keys.IsEmpty)
        {
            return;
        }
        object?[] all = [null, .. values];
        foreach (var key in keys)
        {
            all[0] = key;
            Send(sql, all);
        }
        using var reader = TakeUnsent().ExecuteReader();
        foreach (var key in keys)
        {
            while (reader.Read())
            {
                row(key, reader);
            }
            reader.NextResult();
        }
    }

    public override string Pick(string sqlite, string postgres) => postgres;

    public override object ToParameter(long[] ids) => ids;

    public override void Dispose() => connection.Dispose();

    // Repeatable read: all statements see what the first one saw.
    internal override void BeginRead() => Begin("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");

    // Read committed: what was committed before the row of ids could be locked is seen by whatever is asked after it.
    internal override void BeginWrite() => Begin("BEGIN ISOLATION LEVEL READ COMMITTED");

    internal override void Commit()
    {
        // When nothing was asked the server does not even know that something began.
        if (_begunThere)
        {
            Run("COMMIT");
        }
        (_unsent, _begun, _begunThere) = (null, false, false);
    }

    internal override void Rollback()
    {
        _unsent = null;
        if (_begunThere)
        {
            Run("ROLLBACK");
        }
        (_begun, _begunThere) = (false, false);
    }

    internal override void BeginWork()
    {
        _workBegins = _unsent?.BatchCommands.Count ?? 0;
        Send("SAVEPOINT work");
    }

    internal override void EndWork() => Run("RELEASE work");

    internal override void UndoWork()
    {
        if (_workBegins >= 0)
        {
            // The server has not heard of the work.
            while (_unsent!.BatchCommands.Count > _workBegins)
            {
                _unsent.BatchCommands.RemoveAt(_unsent.BatchCommands.Count - 1);
            }
            _unsent = _workBegins == 0 ? null : _unsent;
            return;
        }
        _unsent = null;
        Send("ROLLBACK TO work");
        Run("RELEASE work");
    }

    private void Begin(string sql)
    {
        (_unsent, _begun, _begunThere) = (null, true, false);
        Send(sql);
    }

    private NpgsqlBatch TakeUnsent()
    {
        var batch = _unsent!;
        (_unsent, _begunThere, _workBegins) = (null, _begun, -1);
        return batch;
    }

    // Npgsql sends ordinal parameters as they are: nothing is parsed at each call.
    private string TextOf(string sql)
    {
        if (!_texts.TryGetValue(sql, out var text))
        {
            text = Parameter().Replace(sql, "$$${number}");
            _texts.Add(sql, text);
        }
        return text;
    }

    [GeneratedRegex(@"\?(?<number>\d+)", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Parameter();
}
