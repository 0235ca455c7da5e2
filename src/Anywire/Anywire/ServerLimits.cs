namespace Anywire;

/// <summary>The bounds of a server. Full means RESOURCE_EXHAUSTED at once, not memory. Immutable.</summary>
public sealed record ServerLimits
{
    /// <summary>The most calls that are handled at once, over all peers. Default: 10,000.</summary>
    public int MaxConcurrentCalls { get; init; } = 10_000;

    /// <summary>The most connections held at once, where the wire has connections. Default: 5,000.</summary>
    public int MaxConnections { get; init; } = 5_000;

    /// <summary>The most messages of one stream that wait for a slow reader, where the wire counts messages. Default: 64.</summary>
    public int StreamWindowMessages { get; init; } = 64;

    /// <summary>The most bytes of one stream that wait for a slow reader, where the wire counts bytes. Default: 1 MiB.</summary>
    public int StreamWindowBytes { get; init; } = 1024 * 1024;

    /// <summary>The most best-effort messages that wait to be handled or sent; one more is dropped and counted. Default: 1,024.</summary>
    public int BestEffortQueue { get; init; } = 1_024;

    /// <summary>How long accepted calls may take to finish once the server stops. Default: 10 s.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(10);
}
