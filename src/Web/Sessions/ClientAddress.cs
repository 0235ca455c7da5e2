using System.Net;
using Microsoft.AspNetCore.Http;

namespace Twite.Web.Sessions;

/// <summary>Where a request comes from; behind a trusted proxy, what that says.</summary>
internal static class ClientAddress
{
    public static IPAddress Of(HttpContext context)
    {
        var address = context.Connection.RemoteIpAddress ?? IPAddress.None;
        return address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
    }
}
