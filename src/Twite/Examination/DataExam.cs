using Microsoft.Data.Sqlite;
using Twite.Topologies;

namespace Twite.Examination;

/// <summary>Looks at the data directory and the services' files in it. Changes nothing.</summary>
/// <param name="directory">The data directory.</param>
/// <param name="processes">Who has what open.</param>
internal sealed class DataExam(string directory, ProcessTable processes)
{
    private const long LittleSpace = 1L << 30;
    private const long NoSpace = 100L << 20;

    /// <summary>Can it be written, by whom, how much room is left.</summary>
    public IEnumerable<Finding> Directory()
    {
        const string Subject = "data directory";
        var there = Existing(directory);
        yield return Writable(there) is { } refusal
            ? Finding.Fail(Subject, $"{there} cannot be written: {refusal} Choose another one with --data DIR, or give it to the user who runs Twite.")
            : Finding.Ok(Subject, there == directory ? $"{directory} can be written" : $"{directory} does not exist yet and can be made");
        if (there == directory && !OperatingSystem.IsWindows() && (File.GetUnixFileMode(directory) & (UnixFileMode.GroupRead | UnixFileMode.OtherRead | UnixFileMode.OtherExecute)) != UnixFileMode.None)
        {
            yield return Finding.Warn(Subject, $"others on this machine may look into {directory}, which holds keys and hashed passwords: chmod 700 {directory}");
        }
        var free = new DriveInfo(there).AvailableFreeSpace;
        yield return free < NoSpace ? Finding.Fail("disk space", $"{free >> 20:N0} MiB are free for {directory}; soon nothing can be stored. Make room, or choose another disk with --data DIR.")
            : free < LittleSpace ? Finding.Warn("disk space", $"{free >> 20:N0} MiB are free for {directory}; make room before it is full")
            : Finding.Ok("disk space", $"{free >> 30:N0} GiB are free for {directory}");
    }

    /// <summary>Each service's file: whether it can be read, and who has it.</summary>
    public IEnumerable<Finding> Databases() => ServiceCatalog.Services.Keys.Where(s => s != ServiceCatalog.Web)
        .Select(service => Database($"{service}.db", Path.Combine(directory, service + ".db")));

    private Finding Database(string subject, string path)
    {
        if (!File.Exists(path))
        {
            return Finding.Ok(subject, "is not there yet; the first start makes it");
        }
        try
        {
            using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString());
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "SELECT count(*) FROM sqlite_master";
            command.ExecuteScalar();
        }
        catch (SqliteException error)
        {
            return Finding.Fail(subject, $"{path} cannot be read: {error.Message} Restore it from a backup, or see whether this user may read it.");
        }
        if (!IsHeld(path + ".lock"))
        {
            return Finding.Ok(subject, "can be read, and no instance runs on it");
        }
        return processes.HolderOf(path + ".lock") is not { } holder ? Finding.Ok(subject, "can be read; a running instance has it")
            : holder.CommandLine.Contains("twite", StringComparison.Ordinal) ? Finding.Ok(subject, $"can be read; process {holder.Process} has it ({holder.CommandLine})")
            : Finding.Warn(subject, $"is held by process {holder.Process} ({holder.CommandLine}), which is not Twite: end it before you start");
    }

    private static bool IsHeld(string path)
    {
        try
        {
            using var file = File.Exists(path) ? new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None) : null;
            return false;
        }
        catch (IOException)
        {
            return true;
        }
        catch (UnauthorizedAccessException)
        {
            // Whose it is was said of the directory.
            return false;
        }
    }

    private static string Existing(string path)
    {
        while (!System.IO.Directory.Exists(path))
        {
            path = Path.GetDirectoryName(path)!;
        }
        return path;
    }

    private static string? Writable(string path)
    {
        try
        {
            using var file = new FileStream(
                Path.Combine(path, ".twite-doctor"), new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Options = FileOptions.DeleteOnClose });
            file.WriteByte(0);
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return error.Message;
        }
    }
}
