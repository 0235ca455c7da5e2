using System.Diagnostics;
using Grpc.Core;

namespace Anywire.Server;

/// <summary>One unary handler behind the guard. A handler that completes at once costs no task and no allocation here.</summary>
internal sealed class GuardedUnary<TRequest, TResponse>(
    CallGuard guard, Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse> handler)
    where TRequest : class
    where TResponse : class
{
    private readonly MethodContract _contract = guard.ContractOf(method);

    public Task<TResponse> HandleAsync(TRequest request, ServerCallContext context)
    {
        CallGuard.Passage passage;
        try
        {
            passage = guard.Enter(_contract, method, context);
        }
        catch (Exception refused)
        {
            return Task.FromException<TResponse>(refused);
        }

        Task<TResponse> task;
        try
        {
            task = handler(request, context) ?? throw new InvalidOperationException($"The handler of {method.FullName} gave no task.");
        }
        catch (Exception error)
        {
            return Task.FromException<TResponse>(guard.Fail(error, passage, method, context));
        }
        if (!task.IsCompletedSuccessfully || task.Result is null)
        {
            var finishing = FinishAsync(task, passage, context);
            if (passage.Span is { } span)
            {
                // In process this thread goes on as the caller's: the handler's span must not become its current one.
                Activity.Current = span.Parent;
            }
            return finishing;
        }
        guard.Leave(passage, method, context);
        return task;
    }

    private async Task<TResponse> FinishAsync(Task<TResponse> task, CallGuard.Passage passage, ServerCallContext context)
    {
        TResponse response;
        try
        {
            response = guard.RequireReply(await task, method, context);
        }
        catch (Exception error)
        {
            throw guard.Fail(error, passage, method, context);
        }
        guard.Leave(passage, method, context);
        return response;
    }
}
