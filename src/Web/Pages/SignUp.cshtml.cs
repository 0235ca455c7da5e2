using Grpc.Core;
using Microsoft.AspNetCore.Mvc;
using Twite.Contracts;
using Twite.Web.Sessions;
using Twite.Web.Text;

namespace Twite.Web.Pages;

/// <summary>Making an account, which also logs in.</summary>
internal sealed class SignUpModel(RequestViewer viewers, TwiteClients clients, SessionCookie session, DeviceCookie device) : SitePage(viewers)
{
    [BindProperty]
    public string? Name { get; set; }

    public async Task<IActionResult> OnGetAsync() => await FindViewerAsync() is null ? Page() : Redirect("/");

    public async Task<IActionResult> OnPostAsync([FromForm] string? password)
    {
        try
        {
            var request = new SignUpRequest
            {
                Name = (Name ?? "").Trim().TrimStart('@'),
                Password = password ?? "",
                Label = BrowserLabel.Of(Request.Headers.UserAgent),
                ClientAddress = ClientAddress.Of(HttpContext).ToString(),
            };
            var reply = await clients.Accounts.SignUpAsync(request, cancellationToken: Aborted);
            session.Write(Response, reply.Token);
            device.Write(Response, reply.Device);
            return Redirect("/");
        }
        catch (RpcException e) when (e.StatusCode == Grpc.Core.StatusCode.AlreadyExists)
        {
            ModelState.AddModelError(nameof(Name), e.Status.Detail);
            Response.StatusCode = 422;
            return Page();
        }
        catch (RpcException e)
        {
            return Again(e, field => field switch { "name" => nameof(Name), "password" => nameof(password), _ => null });
        }
    }
}
