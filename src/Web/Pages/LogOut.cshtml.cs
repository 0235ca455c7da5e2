using Microsoft.AspNetCore.Mvc;
using Twite.Contracts;
using Twite.Web.Sessions;

namespace Twite.Web.Pages;

/// <summary>Ends the session.</summary>
internal sealed class LogOutModel(RequestViewer viewers, TwiteClients clients, SessionCookie cookie) : SitePage(viewers)
{
    public IActionResult OnGet() => Redirect("/");

    public async Task<IActionResult> OnPostAsync()
    {
        if (cookie.Read(Request) is { } token)
        {
            // When Accounts does not answer this fails, and the cookie stays: a session that only looks ended would be worse.
            await clients.Accounts.LogOutAsync(new LogOutRequest { Token = token }, cancellationToken: Aborted);
            cookie.Clear(Response);
        }
        return Redirect("/");
    }
}
