using Microsoft.Data.Sqlite;

namespace Twite.Storage;

/// <summary>Opens connections that are set up alike.</summary>
internal sealed class ConnectionFactory(DatabaseOptions options)
{
    // Pages kept by the writer; readers go through the memory map.
    private const int CacheKibibytes = 32 * 1024;

    public string ConnectionString { get; } = new SqliteConnectionStringBuilder
    {
        DataSource = options.Path,
        Mode = SqliteOpenMode.ReadWriteCreate,
        Pooling = false,
        DefaultTimeout = Math.Max(1, (int)options.BusyTimeout.TotalSeconds),
    }.ConnectionString;

    public StorageConnection OpenWriter()
    {
        var connection = Open();
        if (options.MaxPages > 0)
        {
            Set(connection, $"PRAGMA max_page_count = {options.MaxPages}");
        }
        return connection;
    }

    public StorageConnection OpenReader()
    {
        var connection = Open();
        Set(connection, "PRAGMA query_only = 1");
        return connection;
    }

    private StorageConnection Open()
    {
        var connection = new StorageConnection(ConnectionString);
        try
        {
            connection.Open();
            Set(connection, $"""
                PRAGMA busy_timeout = {(int)options.BusyTimeout.TotalMilliseconds};
                PRAGMA journal_mode = WAL;
                PRAGMA synchronous = FULL;
                PRAGMA foreign_keys = 1;
                PRAGMA temp_store = MEMORY;
                PRAGMA cache_size = -{CacheKibibytes};
                PRAGMA mmap_size = {options.MemoryMapBytes};
                PRAGMA journal_size_limit = 67108864;
                """);
            return connection;
        }
        catch (SqliteException error)
        {
            connection.Dispose();
            throw StorageException.From(error, options.Path) is { } failure ? failure : error;
        }
    }

    private static void Set(StorageConnection connection, string pragmas)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // numbers only
        command.CommandText = pragmas;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}
