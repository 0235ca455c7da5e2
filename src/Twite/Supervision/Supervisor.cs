using Microsoft.Extensions.Logging;
using Twite.Commands;

namespace Twite.Supervision;

/// <summary>All instances of a network on this machine, in the right order: what others need starts first and stops last (a broker), what strangers reach starts
/// last and stops first (the front ends). Start it, then stop it, once each; <see cref="Kill"/> may come at any time from any thread.</summary>
/// <param name="stages">The instances that start together, those first that start first.</param>
/// <param name="logger">Where to say what happens.</param>
/// <param name="time">The clock.</param>
internal sealed class Supervisor(IReadOnlyList<IReadOnlyList<SupervisedInstance>> stages, ILogger logger, TimeProvider time) : IAsyncDisposable
{
    // After so long a silence people ask what it is waiting for.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    // Services look for each other every second or so.
    private static readonly TimeSpan FindingTime = TimeSpan.FromSeconds(3);

    private IEnumerable<IReadOnlyList<SupervisedInstance>> Stages { get; } = [.. stages.Where(s => s.Count > 0)];

    /// <summary>All of them, in the order in which they start.</summary>
    public IReadOnlyList<SupervisedInstance> All { get; } = [.. stages.SelectMany(s => s)];

    /// <summary>Completes when one ended in a way that another start would not mend.</summary>
    public async Task<Failure> FailedAsync() => await await Task.WhenAny(All.Select(i => i.Failed));

    /// <summary>Starts all, and returns when all are ready and have found each other, or had the time for it.</summary>
    /// <returns>Null; or why that will never be.</returns>
    public async Task<Failure?> StartAsync(CancellationToken cancellationToken)
    {
        Failure? failure = null;
        foreach (var stage in Stages)
        {
            failure ??= await StartAsync(stage, cancellationToken);
        }
        if (failure is null)
        {
            await FindEachOtherAsync(cancellationToken);
        }
        foreach (var instance in All)
        {
            instance.Settle();
        }
        return failure;
    }

    /// <summary>Has the last stage drain, then the one before it.</summary>
    /// <returns>The names of those that did not end in order.</returns>
    public async Task<IReadOnlyList<string>> StopAsync()
    {
        foreach (var instance in All)
        {
            // Whoever told this program to stop may have told them as well.
            instance.LetEnd();
        }
        var left = new List<string>();
        foreach (var stage in Stages.Reverse())
        {
            left.AddRange(await StopAsync(stage));
        }
        return left;
    }

    /// <summary>Ends all at once.</summary>
    public void Kill()
    {
        foreach (var instance in All)
        {
            instance.Kill();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var instance in All)
        {
            await instance.DisposeAsync();
        }
    }

    private async Task<Failure?> StartAsync(IReadOnlyList<SupervisedInstance> instances, CancellationToken cancellationToken)
    {
        foreach (var instance in instances)
        {
            instance.Start();
        }
        var ready = Task.WhenAll(instances.Select(i => i.Ready));
        var failed = FailedAsync();
        while (true)
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var tooLong = Task.Delay(Patience, time, patience.Token);
            var first = await Task.WhenAny(ready, failed, tooLong);
            await patience.CancelAsync();
            cancellationToken.ThrowIfCancellationRequested();
            if (first != tooLong)
            {
                return first == failed ? await failed : null;
            }
            SupervisionLog.Waiting(logger, string.Join("; ", instances.Where(i => !i.Ready.IsCompleted).Select(i => $"{i.Name} ({i.Report?.Reason ?? "it starts"})")));
        }
    }

    // Those that start together lack each other when they are first asked: whoever reads what became of them then would be told of faults that are none.
    private async Task FindEachOtherAsync(CancellationToken cancellationToken)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(Task.WhenAll(All.Select(i => i.Whole)), FailedAsync(), Task.Delay(FindingTime, time, enough.Token));
        await enough.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
    }

    private async Task<IEnumerable<string>> StopAsync(IReadOnlyList<SupervisedInstance> instances)
    {
        SupervisionLog.Stopping(logger, string.Join(", ", instances.Select(i => i.Name)));
        var inOrder = await Task.WhenAll(instances.Select(i => i.StopAsync()));
        return instances.Where((_, index) => !inOrder[index]).Select(i => i.Name);
    }
}
