using System.Security.Cryptography;
using System.Text;
using Twite.Contracts;
using Twite.Unicode;
using Twite.Web.Api.Entities;

namespace Twite.Web.Api;

/// <summary>Posting, reading and deleting single messages.</summary>
internal static class StatusEndpoints
{
    public static async Task PostAsync(ApiCall call)
    {
        var viewer = call.RequireViewer();
        var draft = await Draft.ReadAsync(call.Http.Request, call.Aborted);
        // Here, because what is far too long does not even fit into a call.
        if (!MessageRules.TryClean(draft.Text, out var text, out var broken))
        {
            throw ApiException.Unprocessable(broken.Explanation);
        }
        // A client that goes away now has asked for the post nonetheless; whether it is there is for its idempotency key to find out.
        var message = await call.Clients.Messages.PostAsync(
            new PostRequest { Text = text, IdempotencyKey = Key(call.Http.Request.Headers["Idempotency-Key"]) },
            viewer.Headers(), cancellationToken: CancellationToken.None);
        await call.WriteAsync(await call.Entities.StatusDoneAsync(message, viewer.Account, call.Aborted), ApiJson.Plain.StatusEntity);
    }

    public static async Task GetAsync(ApiCall call)
    {
        var message = await call.Clients.Messages.GetAsync(new GetRequest { Id = call.PathId() }, cancellationToken: call.Aborted);
        await call.WriteAsync(await call.Entities.StatusAsync(message, call.Aborted), ApiJson.Plain.StatusEntity);
    }

    public static async Task DeleteAsync(ApiCall call)
    {
        var viewer = call.RequireViewer();
        var id = call.PathId();
        call.Limits.TakeDelete(call.Http, viewer);
        var message = await call.Clients.Messages.GetAsync(new GetRequest { Id = id }, cancellationToken: call.Aborted);
        await call.Clients.Messages.DeleteAsync(new DeleteRequest { Id = id }, viewer.Headers(), cancellationToken: call.Aborted);
        await call.WriteAsync(await call.Entities.StatusDoneAsync(message, viewer.Account, call.Aborted), ApiJson.Plain.StatusEntity);
    }

    public static async Task ContextAsync(ApiCall call)
    {
        await call.Clients.Messages.GetAsync(new GetRequest { Id = call.PathId() }, cancellationToken: call.Aborted);
        await call.WriteAsync(new ContextEntity(), ApiJson.Plain.ContextEntity);
    }

    // Keys may be of any length and script, the service's may not; and a program's key must not meet one of the pages' forms.
    private static string Key(string? sent) => string.IsNullOrEmpty(sent)
        ? "api-" + Guid.NewGuid().ToString("N")
        : "api-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(sent)));
}
