using Grpc.Core;
using Twite.Bench.Json;
using Twite.Contracts;

namespace Twite.Bench;

/// <summary>Answers <em>verify session</em> from memory, so that the wire is measured.</summary>
internal sealed class HotCall : AccountsService.AccountsServiceBase
{
    private static readonly Task<VerifySessionReply> Reply = Task.FromResult(JsonSamples.Session());

    public override Task<VerifySessionReply> VerifySession(VerifySessionRequest request, ServerCallContext context) => Reply;
}
