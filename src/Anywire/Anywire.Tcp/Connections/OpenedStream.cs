using Anywire.Tcp.Format;

namespace Anywire.Tcp.Connections;

/// <summary>A connection over which both sides have said who they are.</summary>
/// <param name="Socket">The socket.</param>
/// <param name="Stream">TLS over it, or the socket.</param>
/// <param name="Peer">What the other side said.</param>
/// <param name="PeerName">The name that its certificate proves; null on a plain wire.</param>
/// <param name="Address">Its address, for people.</param>
internal sealed record OpenedStream(SocketStream Socket, Stream Stream, Hello Peer, string? PeerName, string Address);
