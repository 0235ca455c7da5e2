using System.Net;
using System.Net.Sockets;

namespace Anywire;

/// <summary>From an endpoint's host to the addresses to listen on, and from what the system says about them to words.</summary>
internal static class ListenAddress
{
    /// <summary>An IP address is taken as it is (<c>[::]</c> means all of the machine's), a name as what it resolves to.</summary>
    /// <exception cref="IOException">The name cannot be resolved.</exception>
    public static async Task<IReadOnlyList<IPEndPoint>> ResolveAsync(Endpoint endpoint, CancellationToken cancellationToken)
    {
        var host = endpoint.Uri.DnsSafeHost;
        if (IPAddress.TryParse(host, out var address))
        {
            return [new IPEndPoint(address, endpoint.Port)];
        }
        try
        {
            var found = await Dns.GetHostAddressesAsync(host, cancellationToken);
            // A port picked freely for one address need not be free on the next.
            return [.. found.Distinct().Take(endpoint.Port == 0 ? 1 : int.MaxValue).Select(a => new IPEndPoint(a, endpoint.Port))];
        }
        catch (SocketException error)
        {
            throw new IOException($"{endpoint} cannot be listened on: the name {host} is not known. Use a name or an IP address of this machine.", error);
        }
    }

    /// <summary>Binds a socket; <c>[::]</c> takes IPv4 too, as <see cref="ResolveAsync"/> promises.</summary>
    /// <exception cref="SocketException">The address cannot be had.</exception>
    public static void Bind(Socket socket, IPEndPoint address)
    {
        if (address.Address.Equals(IPAddress.IPv6Any))
        {
            socket.DualMode = true;
        }
        socket.Bind(address);
    }

    /// <summary>Why an address cannot be listened on; null when the error is about something else.</summary>
    public static string? Explain(Endpoint endpoint, Exception error)
    {
        for (var cause = error; cause is not null; cause = cause.InnerException)
        {
            if (cause is SocketException socket)
            {
                return socket.SocketErrorCode switch
                {
                    SocketError.AddressAlreadyInUse => $"{endpoint} is taken: a program listens there already. Stop it, or choose another port.",
                    SocketError.AddressNotAvailable => $"{endpoint} cannot be listened on: this machine has no such address.",
                    SocketError.AccessDenied => $"{endpoint} cannot be listened on: the system does not permit it. Choose a port above 1023.",
                    _ => $"{endpoint} cannot be listened on: {socket.Message}.",
                };
            }
        }
        return error is IOException ? $"{endpoint} cannot be listened on: {error.Message}" : null;
    }
}
