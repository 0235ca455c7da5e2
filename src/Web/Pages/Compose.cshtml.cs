using Grpc.Core;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Twite.Contracts;
using Twite.Web.Errors;
using Twite.Web.Sessions;

namespace Twite.Web.Pages;

/// <summary>Posting: a form of its own, and where the form of the home timeline is sent. What was typed is kept whatever fails.</summary>
[IgnoreAntiforgeryToken]
internal sealed class ComposeModel(RequestViewer viewers, TwiteClients clients, IAntiforgery antiforgery) : SitePage(viewers)
{
    private const int MaxKeyLength = 100;

    public ComposeForm Form { get; private set; } = ComposeForm.New();

    public async Task OnGetAsync(string? to, string? text)
    {
        // While nobody can tell who looks, what is to be said can be typed all the same.
        if (await FindViewerAsync() is null && !IsUnknown)
        {
            await RequireViewerAsync();
        }
        Form = ComposeForm.New(string.IsNullOrEmpty(to) ? text ?? "" : $"@{to} ");
    }

    public async Task<IActionResult> OnPostAsync([FromForm] string? text, [FromForm] string? key)
    {
        // Forms send line ends as CR LF, and what was typed was one character.
        var typed = (text ?? "").ReplaceLineEndings("\n");
        var form = new ComposeForm(typed, key is { Length: > 0 and <= MaxKeyLength } && key.All(char.IsAsciiLetterOrDigit) ? key : Form.Key);
        // Checked here rather than by the filter, which would answer without the text.
        if (!await antiforgery.IsRequestValidAsync(HttpContext))
        {
            Form = form with { Error = "You have logged in or out since this form was opened. Your message is still here: post it again." };
            Response.StatusCode = StatusCodes.Status400BadRequest;
            await FindViewerAsync();
            return Page();
        }
        try
        {
            var viewer = await RequireViewerAsync();
            await clients.Messages.PostAsync(
                new PostRequest { Text = form.Text, IdempotencyKey = form.Key }, viewer.Headers(), cancellationToken: Aborted);
            return Redirect("/");
        }
        catch (RpcException e) when (Problem.Of(e) is { IsOurs: false } problem)
        {
            Form = form with
            {
                Error = problem.Status switch
                {
                    400 => e.Status.Detail,
                    401 => "Your session has ended. Log in in another tab, come back, and post again: your message is still here.",
                    _ => $"{problem.Explanation} Your message is still here: post it again in a moment. It will not be posted twice.",
                },
            };
            Response.StatusCode = problem.Status == 400 ? 422 : problem.Status;
            return Page();
        }
    }
}
