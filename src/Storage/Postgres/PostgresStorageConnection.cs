using System.Data;
using System.Data.Common;
using System.Text.RegularExpressions;
using Npgsql;

namespace Twite.Storage;

/// <summary>A connection to a server. What nobody waits for travels with the next statement that somebody does, so that a transaction of ten
/// statements takes four trips. Npgsql prepares what comes again. Readers send one statement at a time: of several at once Npgsql writes
/// all but the first on the thread pool, whose threads may all be waiting for readers.</summary>
internal sealed partial class PostgresStorageConnection(NpgsqlConnection connection) : StorageConnection
{
    private const string Work = "work";

    private readonly Dictionary<string, string> _texts = new(StringComparer.Ordinal);
    private NpgsqlTransaction? _transaction;
    private NpgsqlBatch? _unsent;

    internal override bool InTransaction => _transaction is not null && connection.State == ConnectionState.Open;

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
        // Npgsql sends ordinal parameters as they are: nothing is parsed at each call.
        if (!_texts.TryGetValue(sql, out var text))
        {
            text = Parameter().Replace(sql, "$$${number}");
            _texts.Add(sql, text);
        }
        var command = new NpgsqlBatchCommand(text);
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value ?? DBNull.Value });
        }
        _unsent ??= connection.CreateBatch();
        _unsent.BatchCommands.Add(command);
    }

    public override void QueryEach<TKey>(string sql, ReadOnlySpan<TKey> keys, Action<TKey, DbDataReader> row, params ReadOnlySpan<object?> values)
    {
        // The statement once per key, as one statement.
        var each = $"""
            SELECT found.*, keys.key FROM unnest(?1) WITH ORDINALITY AS keys (key, place)
            CROSS JOIN LATERAL ({FirstParameter().Replace(sql, "keys.key")}) AS found ORDER BY keys.place
            """;
        object?[] all = [keys.ToArray(), .. values];
        using var reader = Query(each, all);
        while (reader.Read())
        {
            row(reader.GetFieldValue<TKey>(reader.FieldCount - 1), reader);
        }
    }

    public override string Pick(string sqlite, string postgres) => postgres;

    public override object ToParameter(long[] ids) => ids;

    public override void Dispose() => connection.Dispose();

    // All statements see what the first one saw. It travels with that.
    internal override void BeginRead() => Begin(IsolationLevel.RepeatableRead);

    // What was committed before the row of ids could be locked is seen by whatever is asked after it.
    internal override void BeginWrite() => Begin(IsolationLevel.ReadCommitted);

    internal override void Commit()
    {
        if (_unsent is null)
        {
            _transaction!.Commit();
        }
        else
        {
            Run("COMMIT");
        }
        _transaction = null;
    }

    internal override void Rollback()
    {
        _unsent = null;
        _transaction!.Rollback();
        _transaction = null;
    }

    // Travels with the work's first statement.
    internal override void BeginWork() => _transaction!.Save(Work);

    internal override void EndWork() => Run($"RELEASE {Work}");

    internal override void UndoWork()
    {
        _unsent = null;
        _transaction!.Rollback(Work);
    }

    private void Begin(IsolationLevel isolation)
    {
        _unsent = null;
        _transaction = connection.BeginTransaction(isolation);
    }

    private NpgsqlBatch TakeUnsent()
    {
        var batch = _unsent!;
        _unsent = null;
        return batch;
    }

    [GeneratedRegex(@"\?(?<number>\d+)", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Parameter();

    [GeneratedRegex(@"\?1(?!\d)", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex FirstParameter();
}
