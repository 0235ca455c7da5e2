using Grpc.Core;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Twite.Web.Errors;
using Twite.Web.Posting;
using Twite.Web.Sessions;

namespace Twite.Web.Pages;

/// <summary>Posting: a form of its own, and where the form of the home timeline is sent. What was typed is kept whatever fails.</summary>
[IgnoreAntiforgeryToken]
internal sealed class ComposeModel(RequestViewer viewers, MessagePoster poster, PendingPosts pending, IAntiforgery antiforgery) : SitePage(viewers)
{
    private const int MaxKeyLength = 100;

    public ComposeForm Form { get; private set; } = ComposeForm.New();

    /// <summary>What the viewer said and what waits to be posted.</summary>
    public PendingView? Pending { get; private set; }

    public async Task OnGetAsync(string? to, string? text, string? again)
    {
        // While nobody can tell who looks, what is to be said can be typed all the same.
        if (await FindViewerAsync() is null && !IsUnknown)
        {
            await RequireViewerAsync();
        }
        if (Viewer is not null && again is not null && pending.Find(Viewer, again) is { } post)
        {
            // Under its own key: should it be posted after all, it is once.
            Form = new ComposeForm(post.Text, post.Key);
            return;
        }
        Pending = Viewer is null ? null : pending.Take(Viewer, await pending.AskAsync(Viewer, Aborted));
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
            var outcome = await poster.PostAsync(viewer, form.Text, form.Key, Aborted);
            if (outcome is PostOutcome.Waiting waiting)
            {
                pending.Add(viewer, form.Key, waiting.Text);
                return Redirect("/");
            }
            pending.Remove(viewer, form.Key);
            if (outcome is PostOutcome.AnotherWas other)
            {
                Form = ComposeForm.New(typed) with { Error = Explain(other) };
                Response.StatusCode = StatusCodes.Status409Conflict;
                return Page();
            }
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

    /// <summary>Forgets a message that was not posted.</summary>
    public async Task<IActionResult> OnPostDiscardAsync([FromForm] string? key)
    {
        await antiforgery.ValidateRequestAsync(HttpContext);
        pending.Remove(await RequireViewerAsync(), key ?? "");
        return Redirect("/");
    }

    private static string Explain(PostOutcome.AnotherWas other) => other.Text is null
        ? "This was posted before and has been deleted since. To say it again, post it again."
        : $"Posted already, before you changed it: “{other.Text}” This version is not: to say it too, post it; to replace the other, delete that one.";
}
