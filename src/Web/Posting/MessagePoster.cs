using Anywire;
using Grpc.Core;
using Twite.Contracts;
using Twite.Unicode;
using Twite.Web.Sessions;

namespace Twite.Web.Posting;

/// <summary>Posts what somebody says on a page. While Messages is away it is handed to the wire, where that can hold it until they are back. Any
/// thread may use it.</summary>
internal sealed class MessagePoster(TwiteClients clients)
{
    /// <summary>Posts a message.</summary>
    /// <returns>The text that waits to be posted, as it will be; null when it was posted.</returns>
    /// <exception cref="RpcException">It was refused, or it could neither be posted nor be handed over.</exception>
    public async Task<string?> PostAsync(Viewer viewer, string text, string key, CancellationToken cancellationToken)
    {
        try
        {
            await clients.Messages.PostAsync(
                new PostRequest { Text = text, IdempotencyKey = key }, viewer.Headers(), cancellationToken: cancellationToken);
            return null;
        }
        // It may have been posted all the same: under the same key it is once.
        catch (RpcException e) when (e.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded && clients.CanSubmit)
        {
            return await SubmitAsync(viewer, text, key, cancellationToken);
        }
    }

    private async Task<string> SubmitAsync(Viewer viewer, string text, string key, CancellationToken cancellationToken)
    {
        // When it is refused later, nobody is there any more to be told.
        if (!MessageRules.TryClean(text, out var clean, out var broken))
        {
            throw RpcErrors.InvalidArgument("text", broken.Name, broken.Explanation);
        }
        await clients.Messages.SubmitAsync(
            new SubmitRequest { Text = clean, IdempotencyKey = key }, viewer.Headers(), cancellationToken: cancellationToken);
        return clean;
    }
}
