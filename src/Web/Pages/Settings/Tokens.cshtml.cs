using Grpc.Core;
using Microsoft.AspNetCore.Mvc;
using Twite.Contracts;
using Twite.Web.Sessions;

namespace Twite.Web.Pages.Settings;

/// <summary>Tokens for programs that act for one. A token is shown once, when it is made.</summary>
internal sealed class TokensModel(RequestViewer viewers, TwiteClients clients, TimeProvider time) : SitePage(viewers)
{
    public IReadOnlyList<Session> Tokens { get; private set; } = [];

    public string? NewToken { get; private set; }

    public DateTimeOffset Now => time.GetUtcNow();

    public async Task OnGetAsync() => await ListAsync(await RequireViewerAsync());

    public async Task<IActionResult> OnPostAsync([FromForm] string? label)
    {
        var viewer = await RequireViewerAsync();
        try
        {
            var request = new CreateTokenRequest { Label = string.IsNullOrWhiteSpace(label) ? "A program" : label.Trim() };
            NewToken = (await clients.Accounts.CreateTokenAsync(request, viewer.Headers(), cancellationToken: Aborted)).Token;
        }
        catch (RpcException e)
        {
            Again(e, _ => null);
        }
        await ListAsync(viewer);
        return Page();
    }

    public async Task<IActionResult> OnPostEndAsync([FromForm] long id)
    {
        var viewer = await RequireViewerAsync();
        await clients.Accounts.EndSessionAsync(new EndSessionRequest { Id = id }, viewer.Headers(), cancellationToken: Aborted);
        return Redirect("/settings/tokens?done=ended");
    }

    private async Task ListAsync(Viewer viewer)
    {
        var reply = await TryAsync(clients.Accounts.ListSessionsAsync(
            new ListSessionsRequest(), viewer.Headers(), cancellationToken: Aborted).ResponseAsync);
        Tokens = [.. (reply?.Sessions ?? []).Where(s => s.ApiToken)];
    }
}
