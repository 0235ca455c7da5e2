using Microsoft.AspNetCore.Http;

namespace Twite.Web.Sessions;

/// <summary>The cookie that holds a session's token. With <paramref name="secure"/> it has the <c>__Host-</c> prefix (RFC 6265bis), so that no
/// other site and no plain connection can set it; browsers take localhost for secure.</summary>
public sealed class SessionCookie(bool secure)
{
    // Accounts decides when a session ends; a browser keeps no cookie longer than this.
    private static readonly TimeSpan MaxAge = TimeSpan.FromDays(400);

    /// <summary>What it is called.</summary>
    public string Name { get; } = secure ? "__Host-session" : "session";

    /// <summary>The token that came with a request; null when none did.</summary>
    public string? Read(HttpRequest request) => request.Cookies.TryGetValue(Name, out var token) && token.Length > 0 ? token : null;

    /// <summary>Gives the browser a token to keep.</summary>
    public void Write(HttpResponse response, string token)
    {
        var options = Options();
        options.MaxAge = MaxAge;
        response.Cookies.Append(Name, token, options);
    }

    /// <summary>Has the browser forget it.</summary>
    public void Clear(HttpResponse response) => response.Cookies.Delete(Name, Options());

    private CookieOptions Options() => new()
    {
        Path = "/",
        HttpOnly = true,
        SameSite = SameSiteMode.Lax,
        Secure = secure,
        IsEssential = true,
    };
}
