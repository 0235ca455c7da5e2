using Microsoft.AspNetCore.Http;

namespace Twite.Web.Sessions;

/// <summary>A cookie for this host alone. With <paramref name="secure"/> its name has the <c>__Host-</c> prefix (RFC 6265bis), so that no
/// other site and no plain connection can set it; browsers take localhost for secure.</summary>
/// <param name="name">What it is called, without the prefix.</param>
/// <param name="secure">Whether the front end is reached by secure connections only.</param>
public abstract class HostCookie(string name, bool secure)
{
    // The longest that browsers keep a cookie.
    private static readonly TimeSpan MaxAge = TimeSpan.FromDays(400);

    /// <summary>What it is called in full.</summary>
    public string Name { get; } = secure ? "__Host-" + name : name;

    /// <summary>What came with a request; null when nothing did.</summary>
    public string? Read(HttpRequest request) => request.Cookies.TryGetValue(Name, out var value) && value.Length > 0 ? value : null;

    /// <summary>Gives the browser something to keep.</summary>
    public void Write(HttpResponse response, string value)
    {
        var options = Options();
        options.MaxAge = MaxAge;
        response.Cookies.Append(Name, value, options);
    }

    /// <summary>Has the browser forget it.</summary>
    public void Clear(HttpResponse response)
    {
        response.Cookies.Delete(Name, Options());
        response.HttpContext.Items[this] = true;
    }

    /// <summary>Whether the response has the browser forget it, so that the next request comes without it.</summary>
    public bool IsCleared(HttpContext context) => context.Items.ContainsKey(this);

    private CookieOptions Options() => new()
    {
        Path = "/",
        HttpOnly = true,
        SameSite = SameSiteMode.Lax,
        Secure = secure,
        IsEssential = true,
    };
}

/// <summary>Holds a session's token. Accounts decides when a session ends, not the cookie.</summary>
public sealed class SessionCookie(bool secure) : HostCookie("session", secure);

/// <summary>Holds what its owner said and what waits to be posted, sealed.</summary>
public sealed class PendingCookie(bool secure) : HostCookie("pending", secure);

/// <summary>Names a browser that has logged in before, so that strangers who guess passwords cannot lock its owner out. It opens nothing.</summary>
public sealed class DeviceCookie(bool secure) : HostCookie("device", secure);
