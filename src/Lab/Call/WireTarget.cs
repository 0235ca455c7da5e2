using Anywire;
using Twite.Contracts;

namespace Twite.Lab.Call;

/// <summary><em>Verify session</em> through Anywire, as the front end calls it.</summary>
internal sealed class WireTarget(AnywireClient client, Sessions sessions) : ICallTarget
{
    private readonly AccountsService.AccountsServiceClient _accounts = new(client.Invoker);

    public async ValueTask<bool> VerifyAsync(long number)
    {
        var reply = await _accounts.VerifySessionAsync(new VerifySessionRequest { Token = sessions.TokenOf(number) });
        return reply.Account.Id == Sessions.AccountOf(number);
    }

    public ValueTask DisposeAsync() => client.DisposeAsync();
}
