using Grpc.Core;
using Twite.Contracts;

namespace Twite.Web.Sessions;

/// <summary>Finds out who holds a session or an API token. Any thread may use it.</summary>
public sealed class ViewerResolver(TwiteClients clients)
{
    // What Accounts hands out has 43 characters; anything much longer is no token and need not travel.
    private const int MaxTokenLength = 200;

    /// <summary>The holder of a token; null when it is unknown, ended or expired.</summary>
    /// <exception cref="RpcException">Accounts cannot be asked right now: whoever holds the token is unknown, not a stranger.</exception>
    public async Task<Viewer?> ResolveAsync(string token, CancellationToken cancellationToken)
    {
        if (token.Length is 0 or > MaxTokenLength)
        {
            return null;
        }
        try
        {
            var reply = await clients.Accounts.VerifySessionAsync(
                new VerifySessionRequest { Token = token }, cancellationToken: cancellationToken);
            return new Viewer(reply.Account, reply.Assertion, reply.SessionId, reply.ApiToken);
        }
        catch (RpcException e) when (e.StatusCode is StatusCode.Unauthenticated or StatusCode.InvalidArgument or StatusCode.NotFound)
        {
            return null;
        }
    }
}
