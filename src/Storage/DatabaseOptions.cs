using System.Reflection;

namespace Twite.Storage;

/// <summary>What a service's database is opened with. Immutable.</summary>
public sealed record DatabaseOptions
{
    /// <summary>The file; it and its directory are made when they do not exist. With a <see cref="Server"/> only its name is used.</summary>
    public required string Path { get; init; }

    /// <summary>The server that has the tables, in a schema called <see cref="Name"/> that is made when it does not exist. Default: none, the file
    /// has them.</summary>
    public PostgresServer? Server { get; init; }

    /// <summary>The assembly whose embedded <c>Migrations/*.sql</c> make the service's tables. Run in the order of their names, each once
    /// and in a transaction of its own.</summary>
    public required Assembly Migrations { get; init; }

    /// <summary>Who owns it: names it in messages and stands before its event ids. Default: the file's name without extension.</summary>
    public string Name => System.IO.Path.GetFileNameWithoutExtension(Path);

    /// <summary>True for a tool that works beside a running instance: the file is not held for oneself alone. Default: false.</summary>
    public bool Alongside { get; init; }

    /// <summary>The most writes that wait for a commit; one more is refused at once. Default: 10,000.</summary>
    public int MaxWaitingWrites { get; init; } = 10_000;

    /// <summary>The most writes that share one commit. Default: 512; on a server at most 64, beyond which PostgreSQL makes other
    /// transactions look up subtransactions on disk.</summary>
    public int MaxBatch { get; init; } = 512;

    /// <summary>How long a statement waits for another process's lock, and a reader for a free connection. Default: 5 s.</summary>
    public TimeSpan BusyTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How much of the file is mapped into memory for reading, in bytes. Default: 1 GiB.</summary>
    public long MemoryMapBytes { get; init; } = 1L << 30;

    /// <summary>How long the ids of handled events are remembered: one that comes again later is handled again. Default: 7 days.</summary>
    public TimeSpan HandledEventsKept { get; init; } = TimeSpan.FromDays(7);

    /// <summary>The largest size in pages of 4 KiB, so that tests can fill the disk; 0 is no limit.</summary>
    internal int MaxPages { get; init; }
}
