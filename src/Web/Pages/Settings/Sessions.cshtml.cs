using Microsoft.AspNetCore.Mvc;
using Twite.Contracts;
using Twite.Web.Sessions;

namespace Twite.Web.Pages.Settings;

/// <summary>Where one is logged in, and the way to end it.</summary>
internal sealed class SessionsModel(RequestViewer viewers, TwiteClients clients, TimeProvider time) : SitePage(viewers)
{
    public IReadOnlyList<Session> Sessions { get; private set; } = [];

    public DateTimeOffset Now => time.GetUtcNow();

    public async Task OnGetAsync()
    {
        var viewer = await RequireViewerAsync();
        var reply = await clients.Accounts.ListSessionsAsync(new ListSessionsRequest(), viewer.Headers(), cancellationToken: Aborted);
        Sessions = [.. reply.Sessions.Where(s => !s.ApiToken)];
    }

    public async Task<IActionResult> OnPostAsync([FromForm] long id)
    {
        var viewer = await RequireViewerAsync();
        await clients.Accounts.EndSessionAsync(new EndSessionRequest { Id = id }, viewer.Headers(), cancellationToken: Aborted);
        return Redirect("/settings/sessions?done=ended");
    }
}
