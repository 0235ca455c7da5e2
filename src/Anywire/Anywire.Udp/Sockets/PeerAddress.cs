using System.Net;

namespace Anywire.Udp.Sockets;

/// <summary>Where datagrams come from, and go to as answers. One thread at a time writes to it.</summary>
internal sealed class PeerAddress
{
    /// <summary>struct in6_pktinfo and in_pktinfo, whichever is larger.</summary>
    public const int MaxLocalBytes = 20;

    private readonly byte[] _local = new byte[MaxLocalBytes];

    public PeerAddress(SocketAddress remote) => Remote = remote;

    /// <summary>The other side's address.</summary>
    public SocketAddress Remote { get; }

    /// <summary>The address of this machine that the other side knows, as the kernel takes it beside a datagram (IP_PKTINFO, IPV6_PKTINFO): where a socket listens at all of
    /// them the kernel would choose one by itself, and an answer from another than was called is thrown away. Empty where the socket has but one.</summary>
    public Span<byte> Local => _local.AsSpan(0, LocalBytes);

    /// <summary>Of how many bytes <see cref="Local"/> is.</summary>
    public int LocalBytes { get; set; }

    /// <summary>One with the same addresses, which stays as it is.</summary>
    public PeerAddress Copy()
    {
        var remote = new SocketAddress(Remote.Family, Remote.Size);
        Remote.Buffer.Span[..Remote.Size].CopyTo(remote.Buffer.Span);
        var copy = new PeerAddress(remote) { LocalBytes = LocalBytes };
        Local.CopyTo(copy.Local);
        return copy;
    }

    /// <summary>Whether it has the same addresses.</summary>
    public bool IsSame(PeerAddress other) => Remote.Equals(other.Remote) && Local.SequenceEqual(other.Local);
}
