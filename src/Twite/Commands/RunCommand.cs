using System.CommandLine;
using System.Runtime.InteropServices;
using Twite.Hosting;

namespace Twite.Commands;

/// <summary><c>twite run</c>: the network, until it is told to stop.</summary>
internal static class RunCommand
{
    public static Command Create(ProgramOptions options, CommandRunner runner)
    {
        var urls = new Option<string[]>("--urls")
        {
            Description = "Where browsers find it; several are separated by semicolons.",
            HelpName = "URL",
            DefaultValueFactory = _ => ["http://localhost:5141"],
        };
        var command = new TaughtCommand("run", "Runs the network until Ctrl-C or SIGTERM, which let what was accepted finish first.")
        {
            Examples =
            [
                ("twite run", "everything in one process, files in ./data, http://localhost:5141"),
                ("twite run --data /var/lib/twite --urls http://127.0.0.1:8080", "behind a proxy"),
                ("twite run --topology grpc --certificates keys", "every boundary over gRPC with mutual TLS"),
                ("Storage__ConnectionString='Host=db;Database=twite;…' twite run", "tables in PostgreSQL, which replicas share"),
                ("twite run --Logging:LogLevel:Default=Debug", "any setting can stand on the command line"),
            ],
        };
        command.Options.Add(options.Data);
        command.Options.Add(urls);
        command.Options.Add(options.Topology);
        command.Options.Add(options.Insecure);
        command.Options.Add(options.Certificates);
        runner.Handle(command, quiet: false, (context, cancellationToken) => RunAsync(
            context, [.. context.Parsed.GetRequiredValue(urls).SelectMany(u => u.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))], cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context, string[] urls, CancellationToken cancellationToken)
    {
        if (urls.FirstOrDefault(u => !IsHttp(u)) is { } wrong)
        {
            throw new UsageException($"\"{wrong}\" is not where a browser could go; --urls takes addresses such as http://localhost:5141.");
        }
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
        try
        {
            var host = await TwiteHost.StartAsync(context.HostOptions() with { Urls = [.. urls] }, stop.Token);
            await using (host)
            {
                context.Terminal.Out.WriteLine($"Twite is at {string.Join(", ", host.Urls)}, {StorageSettings.Describe(context.Configuration, context.DataDirectory)}. Ctrl-C stops it.");
                await context.Terminal.Out.FlushAsync(CancellationToken.None);
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop.Token).ContinueWith(
                    _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
                await host.StopAsync(CancellationToken.None);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Told to stop while it was starting: nothing had been accepted.
        }
        return ExitCodes.Ok;

        void OnSignal(PosixSignalContext signal)
        {
            // A second one ends the program at once, as if nobody listened.
            signal.Cancel = !stop.IsCancellationRequested;
            stop.Cancel();
        }
    }

    private static bool IsHttp(string url) =>
        url.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || url.StartsWith("https://", StringComparison.OrdinalIgnoreCase);
}
