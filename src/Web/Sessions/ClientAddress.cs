using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;

namespace Twite.Web.Sessions;

/// <summary>Tells strangers apart by where they ask from.</summary>
internal static class ClientAddress
{
    /// <summary>Whoever a request may come from, as one: its address, or of IPv6 the network.</summary>
    public static string Of(HttpContext http)
    {
        var address = http.Connection.RemoteIpAddress ?? IPAddress.None;
        if (address.AddressFamily != AddressFamily.InterNetworkV6 || address.IsIPv4MappedToIPv6)
        {
            return "address " + (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);
        }
        // Who has one address of a /64 has all of them.
        return "network " + Convert.ToHexString(address.GetAddressBytes().AsSpan(0, 8));
    }
}
