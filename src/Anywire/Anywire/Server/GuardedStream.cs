using Grpc.Core;

namespace Anywire.Server;

/// <summary>A streaming handler behind the guard.</summary>
internal sealed class GuardedStream(CallGuard guard, IMethod method)
{
    private readonly MethodContract _contract = guard.ContractOf(method);

    public async Task HandleAsync<THandler>(THandler handler, Func<THandler, ServerCallContext, Task> call, ServerCallContext context)
    {
        var passage = guard.Enter(_contract, method, context);
        try
        {
            await call(handler, context);
            RequireWhole(context);
        }
        catch (Exception error)
        {
            throw guard.Fail(error, passage, method, context);
        }
        guard.Leave(passage, method, context);
    }

    public async Task<TResponse> HandleAsync<THandler, TResponse>(
        THandler handler, Func<THandler, ServerCallContext, Task<TResponse>> call, ServerCallContext context)
    {
        var passage = guard.Enter(_contract, method, context);
        TResponse response;
        try
        {
            response = guard.RequireReply(await call(handler, context), method, context);
            RequireWhole(context);
        }
        catch (Exception error)
        {
            throw guard.Fail(error, passage, method, context);
        }
        guard.Leave(passage, method, context);
        return response;
    }

    // A handler that was told to stop and did, without a word, has not done all: what it has written must not look whole.
    private static void RequireWhole(ServerCallContext context)
    {
        if (context.Status.StatusCode == StatusCode.OK)
        {
            context.CancellationToken.ThrowIfCancellationRequested();
        }
    }
}
