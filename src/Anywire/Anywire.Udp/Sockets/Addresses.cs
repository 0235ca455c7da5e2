using System.Net;
using System.Net.Sockets;

namespace Anywire.Udp.Sockets;

/// <summary>From an endpoint's host to addresses, and from what the system says about them to words.</summary>
internal static class Addresses
{
    /// <summary>The address to listen on; a name stands for the first of its addresses.</summary>
    /// <exception cref="IOException">The name is not known.</exception>
    public static async Task<IPEndPoint> ToListenOnAsync(Endpoint endpoint, CancellationToken cancellationToken)
    {
        try
        {
            return (await FindAsync(endpoint, cancellationToken))[0];
        }
        catch (SocketException error)
        {
            throw new IOException($"{endpoint} cannot be listened on: the name {endpoint.Host} is not known. Use a name or an IP address of this machine.", error);
        }
    }

    /// <summary>All addresses that an endpoint's host stands for; at least one.</summary>
    /// <exception cref="SocketException">The name is not known.</exception>
    public static async Task<IReadOnlyList<IPEndPoint>> FindAsync(Endpoint endpoint, CancellationToken cancellationToken)
    {
        var host = endpoint.Uri.DnsSafeHost;
        if (IPAddress.TryParse(host, out var address))
        {
            return [new IPEndPoint(address, endpoint.Port)];
        }
        var found = await Dns.GetHostAddressesAsync(host, cancellationToken);
        return found.Length == 0
            ? throw new SocketException((int)SocketError.HostNotFound)
            : [.. found.Distinct().Select(a => new IPEndPoint(a, endpoint.Port))];
    }

    /// <summary>Why an address cannot be listened on.</summary>
    public static string Explain(Endpoint endpoint, SocketException error) => error.SocketErrorCode switch
    {
        SocketError.AddressAlreadyInUse => $"{endpoint} is taken: a program listens there already. Stop it, or choose another port.",
        SocketError.AddressNotAvailable => $"{endpoint} cannot be listened on: this machine has no such address.",
        SocketError.AccessDenied => $"{endpoint} cannot be listened on: the system does not permit it. Choose a port above 1023.",
        _ => $"{endpoint} cannot be listened on: {error.Message}.",
    };

    /// <summary>Why an address cannot be reached, in words that follow a colon.</summary>
    public static string WhyUnreachable(Exception error) => error switch
    {
        SocketException { SocketErrorCode: SocketError.ConnectionRefused } => "nobody listens there",
        SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain } => "its name is not known",
        SocketException { SocketErrorCode: SocketError.TimedOut or SocketError.HostUnreachable or SocketError.NetworkUnreachable } => "it does not answer",
        OperationCanceledException => "it does not answer",
        _ => (error.InnerException ?? error).Message.TrimEnd('.'),
    };
}
