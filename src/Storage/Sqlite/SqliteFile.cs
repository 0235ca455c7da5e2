using Microsoft.Data.Sqlite;

namespace Twite.Storage;

/// <summary>A database's file as it is, whichever version its tables have: to copy it.</summary>
internal sealed class SqliteFile : IDisposable
{
    private readonly SqliteConnection _connection;

    private SqliteFile(string path)
    {
        Path = path;
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadWrite, Pooling = false }.ConnectionString);
    }

    public string Path { get; }

    /// <exception cref="StorageException">It is not there, or cannot be read.</exception>
    public static SqliteFile Open(string path)
    {
        var file = new SqliteFile(path);
        try
        {
            file.Try(() =>
            {
                file._connection.Open();
                file.Run("PRAGMA busy_timeout = 0");
            });
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Keeps everybody from writing into it until this is disposed; false while somebody else does.</summary>
    /// <exception cref="StorageException">It cannot be, or on the last try: somebody else does.</exception>
    public bool TryHoldWrites(bool isLastTry)
    {
        // Not by a command, which would sleep and try again by itself.
        var result = SQLitePCL.raw.sqlite3_exec(_connection.Handle, "BEGIN IMMEDIATE");
        if ((result & 0xFF) == SQLitePCL.raw.SQLITE_BUSY && !isLastTry)
        {
            return false;
        }
        Try(() => SqliteException.ThrowExceptionForRC(result, _connection.Handle));
        return true;
    }

    /// <summary>From now on this reads the file as it is now.</summary>
    /// <exception cref="StorageException">It cannot be read.</exception>
    public void BeginRead() => Try(() =>
    {
        Run("BEGIN");
        // A transaction begins with its first look.
        Run("SELECT count(*) FROM sqlite_schema");
    });

    /// <summary>Copies it, as it is or was when reading began, to a file that does not exist.</summary>
    /// <exception cref="StorageException">It cannot be, or is damaged.</exception>
    public void CopyTo(string path)
    {
        MakeForOwner(path);
        using var copy = Open(path);
        copy.Try(() => _connection.BackupDatabase(copy._connection));
        // One file instead of two, which can be read where nothing can be written.
        copy.Try(() => copy.Run("PRAGMA journal_mode = DELETE"));
        object? found = null;
        copy.Try(() => found = copy.Run("PRAGMA quick_check(1)"));
        if (found is not "ok")
        {
            throw new StorageException(StorageFailure.Corrupt, $"The copy of {Path} is damaged ({found}), and so is the file or the disk. Use an earlier backup.");
        }
    }

    public void Dispose() => _connection.Dispose();

    private object? Run(string sql)
    {
        using var command = _connection.CreateCommand();
#pragma warning disable CA2100 // this file's own
        command.CommandText = sql;
#pragma warning restore CA2100
        return command.ExecuteScalar();
    }

    private void Try(Action act)
    {
        try
        {
            act();
        }
        catch (SqliteException error)
        {
            if (SqliteErrors.Explain(error, Path) is { } failure)
            {
                throw failure;
            }
            throw;
        }
    }

    private static void MakeForOwner(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }
        try
        {
            new FileStream(path, options).Dispose();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw SqliteErrors.CannotWrite(path, error);
        }
    }
}
