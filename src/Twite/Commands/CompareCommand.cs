using System.CommandLine;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Twite.Comparing;
using Twite.Lab;
using Twite.Lab.Processes;

namespace Twite.Commands;

/// <summary><c>twite compare</c>: the lab.</summary>
internal static class CompareCommand
{
    private const string WorkerVerb = "compare-worker";

    public static Command Create(ProgramOptions options, CommandRunner runner)
    {
        var transports = List("--transports", "Which to compare, separated by commas.", LabColumns.All.Select(c => c.Key));
        var scenes = List("--scenes", "What to do over each of them, separated by commas.", LabProgram.Scenes);
        var quick = new Option<bool>("--quick") { Description = "Takes about five minutes: to see that it works, and the large differences." };
        var output = new Option<string>("--out")
        {
            Description = "Where the report goes; made when it does not exist.",
            HelpName = "DIR",
            DefaultValueFactory = _ => "./comparison",
        };
        var seed = new Option<long?>("--random-seed")
        {
            Description = "The order of the columns in each round; the report says which was taken.",
            HelpName = "NUMBER",
        };
        var command = new TaughtCommand("compare", "The lab: measures the same calls and the same network over every wire, side by side, and writes a report.")
        {
            Examples =
            [
                ("twite compare --quick", "all of it in about five minutes: ./comparison/report.html"),
                ("twite compare --out docs/comparison", "the whole comparison, about fifty minutes on a machine with nothing else to do"),
                ("twite compare --transports inproc,grpcs --scenes call", "one question only"),
            ],
        };
        foreach (var option in new Option[] { transports, scenes, quick, output, seed })
        {
            command.Options.Add(option);
        }
        runner.Handle(command, quiet: true, (context, cancellationToken) => CompareAsync(
            context,
            new ComparisonOptions
            {
                Columns = PickColumns(context, transports),
                Scenes = Pick("scene", LabProgram.Scenes, s => s, context.Parsed.GetRequiredValue(scenes)),
                Plan = context.Parsed.GetValue(quick) ? Plan.Quick : Plan.Full,
                Seed = context.Parsed.GetValue(seed) ?? Random.Shared.Next(1, 1_000_000),
                Version = BuildVersion.This(),
            },
            Path.GetFullPath(context.Parsed.GetRequiredValue(output)), cancellationToken));
        return command;
    }

    /// <summary>The hidden verb that a comparison starts its servers, clients and networks with.</summary>
    public static Command CreateWorker(CommandRunner runner)
    {
        var command = new Command(WorkerVerb, "A process of a comparison; takes orders on its standard input.") { Hidden = true };
        runner.Handle(command, quiet: true, async (context, cancellationToken) =>
        {
            // Ctrl-C goes to every process of the terminal; this one ends when the comparison does.
            using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => signal.Cancel = true);
            await WorkerLoop.RunAsync(
                LabColumns.All, new LabHost(context.Loggers, TimeProvider.System), context.Loggers, context.Terminal.In, context.Terminal.Out, cancellationToken);
            return ExitCodes.Ok;
        });
        return command;
    }

    private static async Task<int> CompareAsync(CommandContext context, ComparisonOptions options, string directory, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
        var view = new CompareView(context.Terminal.Progress, TimeProvider.System);
        var report = await view.RunAsync(observer => LabProgram.CompareAsync(options, WorkerProgram, observer, directory, stop.Token));
        CompareView.Summarize(context.Terminal.Drawing, report);
        context.Terminal.Out.WriteLine($"The report is {Path.Combine(directory, "report.html")}, with report.md, report.json and the raw histograms beside it.");
        if (report.Incompleteness is { } missing)
        {
            context.Terminal.Error.WriteLine($"The report is not complete. {missing}");
            return ExitCodes.Failed;
        }
        return ExitCodes.Ok;

        void OnSignal(PosixSignalContext signal)
        {
            // A second one ends the program at once, as if nobody listened.
            signal.Cancel = !stop.IsCancellationRequested;
            stop.Cancel();
        }
    }

    private static ProcessStartInfo WorkerProgram() => new(
        Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet",
        [typeof(CompareCommand).Assembly.Location, WorkerVerb]);

    private static Option<string> List(string name, string description, IEnumerable<string> known) => new(name)
    {
        Description = $"{description} There are {string.Join(", ", known)}.",
        HelpName = "LIST",
        DefaultValueFactory = _ => string.Join(',', known),
    };

    // What was asked for must be measured; of what was not, what can be.
    private static List<Column> PickColumns(CommandContext context, Option<string> transports)
    {
        var picked = Pick("transport", LabColumns.All, c => c.Key, context.Parsed.GetRequiredValue(transports));
        foreach (var column in picked.ToList())
        {
            if (LabColumns.MissingFor(column) is not { } missing)
            {
                continue;
            }
            if (context.Parsed.GetResult(transports) is { Implicit: false })
            {
                throw new UsageException(missing.NotInstalled);
            }
            context.Terminal.Error.WriteLine($"Without {column.Name}: {missing.NotInstalled}");
            picked.Remove(column);
        }
        return picked;
    }

    // In the order in which they were asked for; twice is once.
    private static List<T> Pick<T>(string what, IReadOnlyList<T> known, Func<T, string> key, string asked)
    {
        var names = asked.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct(StringComparer.Ordinal).ToList();
        if (names.FirstOrDefault(n => !known.Select(key).Contains(n)) is { } unknown)
        {
            throw new UsageException($"There is no {what} \"{unknown}\" to compare; there are {string.Join(", ", known.Select(key))}.");
        }
        return names.Count > 0
            ? [.. names.Select(n => known.First(k => key(k) == n))]
            : throw new UsageException($"No {what} is left to compare; there are {string.Join(", ", known.Select(key))}.");
    }
}
