using System.Net;
using System.Net.Sockets;

namespace Twite.Accounts.Throttling;

/// <summary>What attempts from one client are counted under.</summary>
internal static class ClientAddress
{
    /// <summary>The key of an address: IPv4 whole, IPv6 by its 64-bit network, since one customer has that many addresses. Anything else
    /// as it is, cut to 64 characters. Null for none: not throttled.</summary>
    public static string? KeyOf(string address)
    {
        if (address.Length == 0)
        {
            return null;
        }
        if (!IPAddress.TryParse(address, out var ip))
        {
            return address.Length <= 64 ? address : address[..64];
        }
        if (ip.IsIPv4MappedToIPv6)
        {
            ip = ip.MapToIPv4();
        }
        if (ip.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return ip.ToString();
        }
        var network = ip.GetAddressBytes();
        network.AsSpan(8).Clear();
        return new IPAddress(network) + "/64";
    }
}
