namespace Anywire.Tcp.Connections;

/// <summary>What all connections of a transport share.</summary>
internal sealed class Runtime
{
    public Runtime(TcpOptions options)
    {
        Options = options;
        Threads = new ReaderThreads(options.MaxReadingThreads);
        // Of its own: code that blocks may hold them all up, and connections must be read all the same.
        Handoff = new Handoff(new ReaderThreads(options.MaxReadingThreads));
        Watchdog = new Watchdog(Handoff);
    }

    public TcpOptions Options { get; }

    public ReaderThreads Threads { get; }

    public Handoff Handoff { get; }

    public Watchdog Watchdog { get; }

    public MessageBuffers Buffers { get; } = new();
}
