using Spectre.Console;
using Spectre.Console.Rendering;

namespace Twite.Seeding;

/// <summary>One part of a seeding, as people see it.</summary>
internal interface ISeedStage
{
    /// <summary>Says how far it is. Cheap enough to be called for every item.</summary>
    /// <param name="fraction">0 to 1.</param>
    /// <param name="count">How many are done.</param>
    void Report(double fraction, long count);
}

/// <summary>Shows how far a seeding is, with rate and time left: bars on a terminal, a line every few seconds elsewhere. Goes to the error
/// stream, so that the output stays the result's.</summary>
internal sealed class SeedProgress(IAnsiConsole console, TimeProvider time)
{
    private static readonly TimeSpan LineInterval = TimeSpan.FromSeconds(5);

    /// <summary>Runs parts one after the other.</summary>
    public async Task RunAsync(IReadOnlyList<(string Name, Func<ISeedStage, Task> Run)> parts)
    {
        if (!console.Profile.Capabilities.Interactive)
        {
            foreach (var (name, run) in parts)
            {
                await run(new Lines(console, name, time));
            }
            return;
        }
        await console.Progress()
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new RateColumn(), new RemainingTimeColumn())
            .StartAsync(async context =>
            {
                var tasks = parts.Select(p => context.AddTask(p.Name, autoStart: false, maxValue: 1)).ToList();
                foreach (var ((_, run), task) in parts.Zip(tasks))
                {
                    task.StartTask();
                    await run(new Bar(task));
                    task.Value = 1;
                    task.StopTask();
                }
            });
    }

    private sealed class Bar(ProgressTask task) : ISeedStage
    {
        public void Report(double fraction, long count)
        {
            task.Value = fraction;
            task.State.Update<long>(nameof(RateColumn), _ => count);
        }
    }

    private sealed class RateColumn : ProgressColumn
    {
        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime)
        {
            var count = task.State.Get<long>(nameof(RateColumn));
            var seconds = task.ElapsedTime?.TotalSeconds ?? 0;
            return new Text(seconds > 0.1 ? $"{count,12:N0}  {count / seconds,10:N0}/s" : $"{count,12:N0}");
        }
    }

    private sealed class Lines(IAnsiConsole console, string name, TimeProvider time) : ISeedStage
    {
        private readonly long _started = time.GetTimestamp();
        private long _said = time.GetTimestamp();
        private bool _done;

        public void Report(double fraction, long count)
        {
            var elapsed = time.GetElapsedTime(_started);
            if (fraction >= 1 && !_done)
            {
                _done = true;
                console.WriteLine($"{name}: {count:N0} in {elapsed.TotalSeconds:N1} s");
            }
            else if (fraction is > 0 and < 1 && time.GetElapsedTime(_said) >= LineInterval)
            {
                _said = time.GetTimestamp();
                console.WriteLine($"{name}: {count:N0}, {fraction:P0}, {count / elapsed.TotalSeconds:N0}/s, {elapsed.TotalSeconds * (1 - fraction) / fraction:N0} s left");
            }
        }
    }
}
