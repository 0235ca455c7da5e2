using System.Data.Common;

namespace Twite.Storage;

/// <summary>A connection to a service's tables, in a file or on a server. Statements are constants with parameters <c>?1</c>, <c>?2</c> …, prepared
/// once and kept. Used by one thread at a time; finish reading one result before asking for the next. Transactions are the storage's
/// business: never begin or end one.</summary>
public abstract class StorageConnection : IDisposable
{
    private protected StorageConnection()
    {
    }

    /// <summary>Asks for rows. Dispose the reader before the next statement.</summary>
    /// <param name="sql">The SQL: a constant, because each one is kept.</param>
    /// <param name="values">One value per parameter; null is NULL.</param>
    public abstract DbDataReader Query(string sql, params ReadOnlySpan<object?> values);

    /// <summary>Runs a statement and answers how many rows it changed.</summary>
    public abstract int Run(string sql, params ReadOnlySpan<object?> values);

    /// <summary>Runs a statement whose outcome nobody asks for, within a write: on a server it travels with the next one that is asked, or with the
    /// end of the work, where it fails if it fails.</summary>
    public abstract void Send(string sql, params ReadOnlySpan<object?> values);

    /// <summary>Asks the same of many keys. On a server all of them travel at once.</summary>
    /// <param name="sql">The SQL, a constant, that has at most one row for a key; <c>?1</c> is the key; nothing else may look like <c>?1</c>.</param>
    /// <param name="keys">The keys.</param>
    /// <param name="row">Told each row, in the order of the keys.</param>
    /// <param name="values">The values of the other parameters, from <c>?2</c> on.</param>
    public abstract void QueryEach<TKey>(string sql, ReadOnlySpan<TKey> keys, Action<TKey, DbDataReader> row, params ReadOnlySpan<object?> values)
        where TKey : notnull;

    /// <summary>The one of two statements that this database understands.</summary>
    public abstract string Pick(string sqlite, string postgres);

    /// <summary>Many ids as one parameter: SQLite reads it by <c>json_each(?1)</c>, PostgreSQL by <c>unnest(?1)</c>.</summary>
    public abstract object ToParameter(long[] ids);

    /// <summary>All rows of a statement.</summary>
    public List<T> List<T>(Func<DbDataReader, T> map, string sql, params ReadOnlySpan<object?> values)
    {
        using var reader = Query(sql, values);
        var rows = new List<T>();
        while (reader.Read())
        {
            rows.Add(map(reader));
        }
        return rows;
    }

    /// <summary>The first column of the first row of a statement; null when there is no row, or NULL.</summary>
    public long? FindInt64(string sql, params ReadOnlySpan<object?> values)
    {
        using var reader = Query(sql, values);
        return reader.Read() && !reader.IsDBNull(0) ? reader.GetInt64(0) : null;
    }

    /// <summary>The id of the last change that this connection's transaction sees; 0 when there was none.</summary>
    public long LastChangeId() => FindInt64("SELECT last_change FROM ids") ?? 0;

    /// <inheritdoc/>
    public abstract void Dispose();

    /// <summary>Whether a transaction is open that can still be ended one way or the other.</summary>
    internal abstract bool InTransaction { get; }

    /// <summary>Begins a transaction that sees one state throughout.</summary>
    internal abstract void BeginRead();

    /// <summary>Begins a transaction that writes.</summary>
    internal abstract void BeginWrite();

    internal abstract void Commit();

    internal abstract void Rollback();

    /// <summary>Marks where <see cref="UndoWork"/> goes back to.</summary>
    internal abstract void BeginWork();

    /// <summary>All that the work sent has been done.</summary>
    internal abstract void EndWork();

    internal abstract void UndoWork();
}
