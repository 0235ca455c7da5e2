using Grpc.Core;
using Twite.Contracts;

namespace Twite.Lab.Call;

/// <summary>Answers <c>VerifySession</c> of the real contract from memory, so that what is measured is the wire and not a database.</summary>
internal sealed class AccountsHandler(Sessions sessions) : AccountsService.AccountsServiceBase
{
    public override Task<VerifySessionReply> VerifySession(VerifySessionRequest request, ServerCallContext context) => sessions.Verify(request) is { } reply
        ? Task.FromResult(reply)
        : throw new RpcException(new Status(StatusCode.Unauthenticated, "There is no such session."));
}
