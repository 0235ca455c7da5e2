using Grpc.Core;
using Twite.Contracts;
using Twite.Lab.Call;

namespace Twite.Lab.Floors;

/// <summary>The floor of in process: the same handler's method, called.</summary>
internal sealed class DirectTarget(Sessions sessions) : ICallTarget
{
    // It never looks at its context.
    private static readonly ServerCallContext NoContext = null!;

    private readonly AccountsService.AccountsServiceBase _handler = new AccountsHandler(sessions);

    public async ValueTask<bool> VerifyAsync(long number)
    {
        var reply = await _handler.VerifySession(new VerifySessionRequest { Token = sessions.TokenOf(number) }, NoContext);
        return reply.Account.Id == Sessions.AccountOf(number);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
