using System.Diagnostics;

namespace Twite.Storage;

/// <summary>Named points at which a test lets the process die as if by <c>kill -9</c>. The environment variable
/// <c>TWITE_CRASH=[database/]point[:n]</c> names the point and at which of its hits; without it they cost one comparison. <c>TWITE_CRASH=@file</c> says
/// that a file does: it is removed as the process dies, so that whoever is started again in the same environment lives.</summary>
public sealed class CrashPoint
{
    /// <summary>The writes of a group are done, the commit is not.</summary>
    public const string BeforeCommit = "before-commit";

    /// <summary>The commit is on disk; nobody has been told.</summary>
    public const string AfterCommitBeforePublish = "after-commit-before-publish";

    /// <summary>The receiver has answered for an event; the outbox does not know yet.</summary>
    public const string AfterPublishBeforeMarkSent = "after-publish-before-mark-sent";

    /// <summary>A migration has run, others may follow.</summary>
    public const string MidMigration = "mid-migration";

    private static readonly CrashPoint FromEnvironment = new(Environment.GetEnvironmentVariable("TWITE_CRASH"));

    private readonly string? _file;
    private readonly string? _point;
    private int _left;

    private CrashPoint(string? plan)
    {
        if (plan?.StartsWith('@') == true)
        {
            _file = plan[1..];
            plan = File.Exists(_file) ? File.ReadAllText(_file).Trim() : null;
        }
        if (string.IsNullOrEmpty(plan))
        {
            return;
        }
        var colon = plan.IndexOf(':', StringComparison.Ordinal);
        _point = colon < 0 ? plan : plan[..colon];
        _left = colon < 0 ? 1 : int.Parse(plan[(colon + 1)..]);
    }

    /// <summary>Dies here when the environment says so.</summary>
    /// <param name="point">The point's name.</param>
    /// <param name="database">The database's name.</param>
    public static void Hit(string point, string database)
    {
        if (FromEnvironment._point is not null)
        {
            FromEnvironment.DieIfNamed(point, database);
        }
    }

    private void DieIfNamed(string point, string database)
    {
        if ((point != _point && $"{database}/{point}" != _point) || Interlocked.Decrement(ref _left) != 0)
        {
            return;
        }
        Console.Error.WriteLine($"Crash point {database}/{point}: the process ends here, as TWITE_CRASH asks.");
        if (_file is not null)
        {
            File.Delete(_file);
        }
        using var self = Process.GetCurrentProcess();
        self.Kill();
        // The signal may take a moment, and nothing after this point may run.
        self.WaitForExit();
    }
}
