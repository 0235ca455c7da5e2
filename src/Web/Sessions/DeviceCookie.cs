using Microsoft.AspNetCore.Http;
using Twite.Contracts;

namespace Twite.Web.Sessions;

/// <summary>The cookie that names a device to later log-ins: Accounts counts its failed ones apart, so that strangers who guess cannot lock the
/// account's owner out. It outlives the session and opens nothing. One per browser: that of the account logged in to last.</summary>
public sealed class DeviceCookie(bool secure)
{
    private static readonly TimeSpan MaxAge = TimeSpan.FromDays(400);

    /// <summary>What it is called.</summary>
    public string Name { get; } = secure ? "__Host-device" : "device";

    /// <summary>The device that a request comes from; empty when it is not known.</summary>
    public string Read(HttpRequest request) => request.Cookies.TryGetValue(Name, out var device) ? device : "";

    /// <summary>Gives the browser the name that a log-in gave it.</summary>
    public void Write(HttpResponse response, SessionReply reply) => response.Cookies.Append(Name, reply.Device, new CookieOptions
    {
        Path = "/",
        HttpOnly = true,
        SameSite = SameSiteMode.Strict,
        Secure = secure,
        IsEssential = true,
        MaxAge = MaxAge,
    });
}
