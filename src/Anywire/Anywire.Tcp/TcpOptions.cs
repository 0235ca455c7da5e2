namespace Anywire.Tcp;

/// <summary>Settings of the TCP transport. Immutable.</summary>
public sealed record TcpOptions
{
    /// <summary>How long a connection may be silent before the other side is asked whether it is still there. Default: 3 s.</summary>
    public TimeSpan HeartbeatDelay { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long a connection may be silent, though the other side was asked, before it is given up. It bounds how long a half-open peer goes
    /// unnoticed. Default: 8 s.</summary>
    public TimeSpan HeartbeatTimeout { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>How long connecting may take, TLS and the first frames included; for a server, how long a new connection may take to say who it is. Default: 5 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The socket's send and receive buffers, in bytes: what lies in them goes before whatever is sent next, so that a small message behind a large one waits
    /// for as much. Default: 128 KiB each, of which the kernel makes twice as much.</summary>
    public int SocketBufferBytes { get; init; } = 128 * 1024;

    /// <summary>The most calls that a server takes at once over one connection. One more fails with RESOURCE_EXHAUSTED at its caller. Default: 16,384.</summary>
    public int MaxCallsPerConnection { get; init; } = 16_384;

    /// <summary>The most bytes that wait to be written on one connection: beyond it a caller's next call fails with RESOURCE_EXHAUSTED, and a server reads no more
    /// calls and writes no more of its streams. Replies of calls under way may overdraw it, by up to 64 MiB: what is over that is given up, and ends with
    /// UNAVAILABLE. Default: 16 MiB.</summary>
    public int MaxWaitingBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>The most bytes that messages take together on one connection which have come in part: a message in excess of it is refused with RESOURCE_EXHAUSTED.
    /// Default: 64 MiB.</summary>
    public int MaxUnfinishedBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>The most bytes that messages take together on one connection of a server which have come over streams of requests and were not read by their handlers: a
    /// stream whose next message is in excess of it ends with RESOURCE_EXHAUSTED. Default: 256 MiB, the windows of 256 streams of which nothing is read.</summary>
    public long MaxUnreadBytes { get; init; } = 256L * 1024 * 1024;

    /// <summary>The most connections a server holds that have not yet said who they are; of more the oldest is closed. Default: 4,096.</summary>
    public int MaxNewConnections { get; init; } = 4_096;

    /// <summary>The most TLS handshakes a server computes at once, so that a storm of new connections leaves time to those already in. Default: as many as the machine
    /// has processors.</summary>
    public int MaxHandshakes { get; init; } = Environment.ProcessorCount;

    /// <summary>The most connections in use that have a reading thread of their own; those in excess read on the pool's threads. Twice as many more
    /// take over what waits for the pool's threads when code that blocks has them all: as many for handlers and callers, as many for what connections themselves have to do.
    /// Default: 512.</summary>
    public int MaxReadingThreads { get; init; } = 512;
}
