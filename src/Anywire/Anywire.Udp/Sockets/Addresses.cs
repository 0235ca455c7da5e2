using System.Net;
using System.Net.Sockets;

namespace Anywire.Udp.Sockets;

/// <summary>From an endpoint's host to the addresses of a peer.</summary>
internal static class Addresses
{
    /// <summary>All addresses that an endpoint's host stands for; at least one.</summary>
    /// <exception cref="SocketException">The name is not known.</exception>
    public static async Task<IReadOnlyList<IPEndPoint>> FindAsync(Endpoint endpoint, CancellationToken cancellationToken)
    {
        var found = await Dns.GetHostAddressesAsync(endpoint.Uri.DnsSafeHost, cancellationToken);
        return found.Length == 0
            ? throw new SocketException((int)SocketError.HostNotFound)
            : [.. found.Distinct().Select(a => new IPEndPoint(a, endpoint.Port))];
    }
}
