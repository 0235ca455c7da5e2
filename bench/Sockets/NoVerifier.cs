namespace Twite.Bench.Sockets;

/// <summary>Calls nobody: what is left is what the loop takes of each call, whoever carries it.</summary>
internal sealed class NoVerifier : IVerifier
{
    public Task CallAsync(ClosedRun run, long first)
    {
        var from = run.Now;
        for (var number = first; run.GoesOn(from); number += run.Callers)
        {
            from = run.End(from, isRight: true);
        }
        return Task.CompletedTask;
    }

    public ValueTask<bool> VerifyAsync(long number) => ValueTask.FromResult(true);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
