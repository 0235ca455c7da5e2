using System.CommandLine;
using System.Runtime.InteropServices;
using Twite.Hosting;
using Twite.Supervision;
using Twite.Telemetry;
using Twite.Topologies;

namespace Twite.Commands;

/// <summary><c>twite run</c>: the network, or a part of it, until it is told to stop.</summary>
internal static class RunCommand
{
    /// <summary>Said by <c>twite up</c> to the processes it starts.</summary>
    public const string SupervisedOption = "--supervised";

    private static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan StartingInterval = TimeSpan.FromMilliseconds(50);

    public static Command Create(ProgramOptions options, CommandRunner runner)
    {
        var services = new Argument<string[]>("SERVICE")
        {
            Description = "What to run of the topology: services (accounts), or single replicas (accounts-2). Without any: all of it.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var supervised = new Option<bool>(SupervisedOption)
        {
            Description = "Says how it is on standard output, and stops when standard input ends.",
            Hidden = true,
        };
        var command = new TaughtCommand("run", "Runs the network until Ctrl-C or SIGTERM, which let what was accepted finish first.")
        {
            Examples =
            [
                ("twite run", "everything in one process, files in ./data, http://localhost:5141"),
                ("twite run --data /var/lib/twite --urls http://127.0.0.1:8080", "behind a proxy"),
                ("twite run --topology grpc --certificates data/keys", "every boundary over gRPC with mutual TLS"),
                ("twite run accounts messages --topology my.json --certificates keys", "two services; the others run elsewhere"),
                ("twite run --metrics http://127.0.0.1:9141", "calls, errors, latency and bytes for Prometheus"),
                ("Storage__ConnectionString='Host=db;Database=twite;…' twite run", "tables in PostgreSQL, which replicas share"),
                ("twite run --Logging:LogLevel:Default=Debug", "any setting can stand on the command line"),
            ],
        };
        command.Arguments.Add(services);
        foreach (var option in new Option[] { options.Data, options.Urls, options.Topology, options.Insecure, options.Certificates, options.Metrics, supervised })
        {
            command.Options.Add(option);
        }
        runner.Handle(command, quiet: false, (context, cancellationToken) =>
        {
            var host = context.HostOptions() with { Urls = context.Urls };
            host = context.Parsed.GetValue(services) is { Length: > 0 } named ? host with { Services = [.. named] } : host;
            RequireOneFrontEnd(host);
            return context.Parsed.GetValue(supervised) ? RunSupervisedAsync(context, host, cancellationToken) : RunAsync(context, host, cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context, TwiteHostOptions options, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        // A second signal ends the program at once, as if nobody listened.
        using var signals = new StopSignals(stop);
        return await RunUntilStoppedAsync(context, options, host =>
        {
            context.Terminal.Out.WriteLine($"{Where(host, options)}, {StorageSettings.Describe(context.Configuration, context.DataDirectory)}. Ctrl-C stops it.");
            context.Terminal.Out.Flush();
            return Task.CompletedTask;
        }, stop.Token);
    }

    private static async Task<int> RunSupervisedAsync(CommandContext context, TwiteHostOptions options, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        // Ctrl-C and a closed terminal reach every process of the terminal; the order in which they stop is the parent's to decide.
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => signal.Cancel = true);
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal => signal.Cancel = true);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
        {
            signal.Cancel = !stop.IsCancellationRequested;
            stop.Cancel();
        });
        Lifeline.Watch(context.Terminal.In, stop, () => Environment.Exit(ExitCodes.Failed), options.Time);
        try
        {
            return await RunUntilStoppedAsync(context, options, host => ReportAsync(host, context.Terminal.Out, options.Time, stop.Token), stop.Token);
        }
        catch (Exception error)
        {
            Say(context.Terminal.Out, new ChildReport(ChildState.Failed, Failure.Of(error).Message));
            throw;
        }
    }

    private static async Task<int> RunUntilStoppedAsync(
        CommandContext context, TwiteHostOptions options, Func<TwiteHost, Task> whileRunning, CancellationToken stop)
    {
        await using var telemetry = TelemetryPipeline.Start(new TelemetryOptions
        {
            Instances = options.Topology.Find(options.Services),
            MetricsUrl = context.MetricsUrl,
            Configuration = context.Configuration,
        });
        try
        {
            var host = await TwiteHost.StartAsync(options, stop);
            await using (host)
            {
                await telemetry.ServeAsync(host.CheckReadinessAsync, stop);
                await whileRunning(host);
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                await host.StopAsync(CancellationToken.None);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Told to stop while it was starting: nothing had been accepted.
        }
        return ExitCodes.Ok;
    }

    private static async Task ReportAsync(TwiteHost host, TextWriter output, TimeProvider time, CancellationToken stop)
    {
        ChildReport? last = null;
        var saidAt = 0L;
        while (!stop.IsCancellationRequested)
        {
            var report = await host.CheckReadinessAsync(CancellationToken.None) switch
            {
                { IsReady: false } missing => new ChildReport(ChildState.NotReady, missing.Reason),
                { Reason: { } lacking } => new ChildReport(ChildState.Degraded, lacking, host.Urls),
                _ => new ChildReport(ChildState.Ready, Urls: host.Urls),
            };
            if (!report.SaysAs(last) || time.GetElapsedTime(saidAt) >= Heartbeat.Interval - ReportInterval)
            {
                Say(output, last = report);
                saidAt = time.GetTimestamp();
            }
            await Task.Delay(report.State == ChildState.NotReady ? StartingInterval : ReportInterval, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static void Say(TextWriter output, ChildReport report)
    {
        output.WriteLine(report.ToLine());
        output.Flush();
    }

    private static string Where(TwiteHost host, TwiteHostOptions options) => host.Urls.Count > 0
        ? $"Twite is at {string.Join(", ", host.Urls)}"
        : string.Join("; ", options.Topology.Find(options.Services).Select(i => $"{i.Name} is at {string.Join(", ", i.Listen)}"));

    private static void RequireOneFrontEnd(TwiteHostOptions options)
    {
        if (!options.Urls.IsEmpty && options.Topology.Find(options.Services).Count(i => i.Service == ServiceCatalog.Web) > 1)
        {
            throw new UsageException("--urls is for one front end, and this topology has several. Give each its own \"urls\" in the topology, and leave --urls out.");
        }
    }
}
