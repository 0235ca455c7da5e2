namespace Anywire.Tcp.Connections;

/// <summary>What all connections of a transport share.</summary>
internal sealed class Runtime
{
    public Runtime(TcpOptions options)
    {
        Options = options;
        Threads = new ReaderThreads(options.MaxReadingThreads);
        Handoff = new Handoff(Threads);
        Watchdog = new Watchdog(Handoff);
    }

    public TcpOptions Options { get; }

    public ReaderThreads Threads { get; }

    public Handoff Handoff { get; }

    public Watchdog Watchdog { get; }

    public MessageBuffers Buffers { get; } = new();
}
