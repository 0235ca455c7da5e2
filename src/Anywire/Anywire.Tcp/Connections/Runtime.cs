namespace Anywire.Tcp.Connections;

/// <summary>What all connections of a transport share.</summary>
internal sealed class Runtime
{
    public Runtime(TcpOptions options)
    {
        Options = options;
        Threads = new ReaderThreads(options.MaxReadingThreads);
        // Of its own: code that blocks may hold them all up, and connections must be read all the same.
        Handoff = new Handoff(new ReaderThreads(options.MaxReadingThreads), new ProcessorUse());
        // Theirs apart: what handlers and callers have to compute may be seconds of work, and no connection waits for that.
        Carrying = new Handoff(new ReaderThreads(options.MaxReadingThreads), processors: null);
        Watchdog = new Watchdog([Handoff, Carrying]);
    }

    public TcpOptions Options { get; }

    public ReaderThreads Threads { get; }

    /// <summary>Where code of handlers and callers goes on.</summary>
    public Handoff Handoff { get; }

    /// <summary>Where connections themselves go on to read and write.</summary>
    public Handoff Carrying { get; }

    public Watchdog Watchdog { get; }

    public MessageBuffers Buffers { get; } = new();
}
