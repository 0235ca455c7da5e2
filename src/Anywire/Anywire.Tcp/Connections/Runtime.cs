namespace Anywire.Tcp.Connections;

/// <summary>What all connections of a transport share.</summary>
/// <param name="Options">The settings.</param>
internal sealed record Runtime(TcpOptions Options)
{
    public Watchdog Watchdog { get; } = new();

    public ReaderThreads Threads { get; } = new(Options.MaxReadingThreads);

    public MessageBuffers Buffers { get; } = new();
}
