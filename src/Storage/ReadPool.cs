using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace Twite.Storage;

/// <summary>Connections for reading, each used by one thread at a time and kept for the next.</summary>
internal sealed class ReadPool(ConnectionFactory connections, string path) : IDisposable
{
    private const int MaxIdle = 16;

    private readonly ConcurrentStack<StorageConnection> _idle = new();
    private volatile bool _closed;

    public T Read<T>(Func<StorageConnection, T> query)
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        StorageConnection? connection = null;
        try
        {
            connection = _idle.TryPop(out var idle) ? idle : connections.OpenReader();
            connection.Run("BEGIN");
            var result = query(connection);
            connection.Run("COMMIT");
            GiveBack(connection);
            return result;
        }
        catch (Exception error)
        {
            // Whatever state it is in, the next reader shall not find out.
            connection?.Dispose();
            if (error is SqliteException sqlite && StorageException.From(sqlite, path) is { } failure)
            {
                throw failure;
            }
            throw;
        }
    }

    public void Dispose()
    {
        _closed = true;
        while (_idle.TryPop(out var connection))
        {
            connection.Dispose();
        }
    }

    private void GiveBack(StorageConnection connection)
    {
        if (_closed || _idle.Count >= MaxIdle)
        {
            connection.Dispose();
            return;
        }
        _idle.Push(connection);
        if (_closed)
        {
            Dispose();
        }
    }
}
