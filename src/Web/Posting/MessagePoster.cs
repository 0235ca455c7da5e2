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
    /// <exception cref="RpcException">It was refused, or it could neither be posted nor be handed over.</exception>
    public async Task<PostOutcome> PostAsync(Viewer viewer, string text, string key, CancellationToken cancellationToken)
    {
        // Here, because what is far too long does not even fit into a call, and what is handed over may be refused when nobody is there to be told.
        if (!MessageRules.TryClean(text, out var clean, out var broken))
        {
            throw RpcErrors.InvalidArgument("text", broken.Name, broken.Explanation);
        }
        try
        {
            var message = await clients.Messages.PostAsync(
                new PostRequest { Text = clean, IdempotencyKey = key }, viewer.Headers(), cancellationToken: cancellationToken);
            return message.Text == clean ? new PostOutcome.Posted() : new PostOutcome.AnotherWas(message.Text);
        }
        catch (RpcException e) when (e.StatusCode is StatusCode.NotFound)
        {
            return new PostOutcome.AnotherWas(Text: null);
        }
        // It may have been posted all the same: under the same key it is once.
        catch (RpcException e) when (e.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded && clients.CanSubmit)
        {
            await clients.Messages.SubmitAsync(
                new SubmitRequest { Text = clean, IdempotencyKey = key }, viewer.Headers(), cancellationToken: cancellationToken);
            return new PostOutcome.Waiting(clean);
        }
    }
}
