using Grpc.Core;
using Microsoft.AspNetCore.Mvc;
using Twite.Contracts;
using Twite.Web.Sessions;
using Twite.Web.Text;

namespace Twite.Web.Pages;

/// <summary>Logging in, and back to where one came from.</summary>
internal sealed class LogInModel(RequestViewer viewers, TwiteClients clients, SessionCookie session, DeviceCookie device) : SitePage(viewers)
{
    [BindProperty]
    public string? Name { get; set; }

    [BindProperty(SupportsGet = true)]
    public string? ReturnUrl { get; set; }

    public async Task<IActionResult> OnGetAsync() =>
        await FindViewerAsync() is null ? Page() : Redirect(Sessions.ReturnUrl.OrHome(ReturnUrl));

    public async Task<IActionResult> OnPostAsync([FromForm] string? password)
    {
        if (string.IsNullOrWhiteSpace(Name) || string.IsNullOrEmpty(password))
        {
            ModelState.AddModelError(string.IsNullOrWhiteSpace(Name) ? nameof(Name) : nameof(password), "This is needed to log in.");
            Response.StatusCode = 422;
            return Page();
        }
        try
        {
            var request = new LogInRequest
            {
                // People know names with an @.
                Name = Name.Trim().TrimStart('@'),
                Password = password,
                Label = BrowserLabel.Of(Request.Headers.UserAgent),
                ClientAddress = ClientAddress.Of(HttpContext).ToString(),
                Device = device.Read(Request) ?? "",
            };
            var reply = await clients.Accounts.LogInAsync(request, cancellationToken: Aborted);
            session.Write(Response, reply.Token);
            device.Write(Response, reply.Device);
            return Redirect(Sessions.ReturnUrl.OrHome(ReturnUrl));
        }
        catch (RpcException e) when (e.StatusCode is Grpc.Core.StatusCode.Unauthenticated or Grpc.Core.StatusCode.PermissionDenied)
        {
            ModelState.AddModelError("", e.Status.Detail);
            Response.StatusCode = 422;
            return Page();
        }
        catch (RpcException e)
        {
            return Again(e, _ => null);
        }
    }
}
