namespace Anywire;

/// <summary>The four call kinds of gRPC, as a set.</summary>
[Flags]
public enum CallKinds
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>One request, one reply.</summary>
    Unary = 1,

    /// <summary>One request, a stream of replies.</summary>
    ServerStreaming = 2,

    /// <summary>A stream of requests, one reply.</summary>
    ClientStreaming = 4,

    /// <summary>Streams both ways.</summary>
    DuplexStreaming = 8,

    /// <summary>All four.</summary>
    All = Unary | ServerStreaming | ClientStreaming | DuplexStreaming,
}

/// <summary>What the answer to an <see cref="Delivery.AtLeastOnce"/> call means on a wire.</summary>
public enum Acknowledgement
{
    /// <summary>The receiver's handler has answered: the event is done with.</summary>
    Handled,

    /// <summary>A durable broker has it: the sender keeps the event until the receiver confirms it end to end.</summary>
    Accepted,
}

/// <summary>What a transport can honour: what it declares here is checked against every contract when a program starts, and
/// proved by the conformance suite. Immutable.</summary>
public sealed record TransportTraits
{
    /// <summary>What people call it, for messages and reports: <c>gRPC</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The scheme of its secured addresses; the only one of a transport that never leaves the process.</summary>
    public required string Scheme { get; init; }

    /// <summary>The scheme of its unsecured addresses, refused without <c>--insecure</c>; null when it has none.</summary>
    public string? PlainScheme { get; init; }

    /// <summary>The call kinds it carries. Default: all.</summary>
    public CallKinds CallKinds { get; init; } = CallKinds.All;

    /// <summary>What an answer to an at-least-once call means. Default: handled.</summary>
    public Acknowledgement AtLeastOnce { get; init; } = Acknowledgement.Handled;

    /// <summary>The largest serialized message in bytes that it can carry whatever a contract allows. Default: 64 MiB.</summary>
    public int MaxMessageBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>True when a reply can only be had by asking again, so that <see cref="Delivery.Reply"/> methods must be idempotent.
    /// Default: false.</summary>
    public bool RepliesMustBeIdempotent { get; init; }

    /// <summary>True when a best-effort message is under way until its handler has answered, so that a slow handler fills its callers' queues; false when it has left once
    /// the network has it, and only the network's own back-pressure fills them. Default: true.</summary>
    public bool AnswersBestEffort { get; init; } = true;

    /// <summary>True when any number of servers of a service may listen on one address, and calls go to whichever is free: a broker's. Default: false.</summary>
    public bool SharesAddresses { get; init; }

    /// <summary>True when messages travel in datagrams, so that a UDP port is listened at, and a TCP port of the same number only by its secured addresses. Default: false.</summary>
    public bool UsesDatagrams { get; init; }

    /// <summary>How its secured addresses are secured, in words. Default: mutual TLS.</summary>
    public string Security { get; init; } = "mutual TLS";

    /// <summary>True when caller and callee share memory: messages are handed over, and trace and identity need no metadata.
    /// Default: false.</summary>
    public bool SharesMemory { get; init; }

    /// <summary>True when peers prove who they are with certificates; false for a wire that never leaves the process, where names hold by
    /// construction. Default: true.</summary>
    public bool NeedsCredentials { get; init; } = true;

    /// <summary>Whether this transport carries addresses of the scheme.</summary>
    public bool Carries(string scheme) => scheme == Scheme || scheme == PlainScheme;
}
