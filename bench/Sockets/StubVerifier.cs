using Grpc.Core;
using Twite.Contracts;
using Twite.Lab.Call;

namespace Twite.Bench.Sockets;

/// <summary>The generated stub, with the deadline that any real client sets.</summary>
/// <param name="client">What is closed at the end.</param>
/// <param name="invoker">What carries the calls.</param>
/// <param name="sessions">What is asked for.</param>
/// <param name="isAsync">Whether what follows a call goes async.</param>
internal sealed class StubVerifier(IAsyncDisposable client, CallInvoker invoker, Sessions sessions, bool isAsync) : IVerifier
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly AccountsService.AccountsServiceClient _accounts = new(invoker);

    public async Task CallAsync(ClosedRun run, long first)
    {
        var from = run.Now;
        for (var number = first; run.GoesOn(from); number += run.Callers)
        {
            var isRight = true;
            try
            {
                var reply = await _accounts.VerifySessionAsync(Request(number), deadline: Deadline());
                if (isAsync)
                {
                    await Task.Yield();
                }
                isRight = IsRight(reply, number);
            }
            catch (RpcException error)
            {
                run.Fail(error.Message);
            }
            from = run.End(from, isRight);
        }
    }

    public async ValueTask<bool> VerifyAsync(long number)
    {
        var reply = await _accounts.VerifySessionAsync(Request(number), deadline: Deadline());
        if (isAsync)
        {
            await Task.Yield();
        }
        return IsRight(reply, number);
    }

    public ValueTask DisposeAsync() => client.DisposeAsync();

    private static bool IsRight(VerifySessionReply reply, long number) =>
        reply.Account.Id == Sessions.AccountOf(number) && reply.Account.Name.Length > 0 && reply.AssertionExpiresAt.Seconds > 0;

    private static DateTime Deadline() => TimeProvider.System.GetUtcNow().UtcDateTime + Patience;

    private VerifySessionRequest Request(long number) => new() { Token = sessions.TokenOf(number) };
}
