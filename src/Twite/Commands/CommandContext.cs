using System.Collections.Immutable;
using System.CommandLine;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Twite.Hosting;
using Twite.Topologies;

namespace Twite.Commands;

/// <summary>What a command works with: the parsed line, the settings, the logs. Disposing flushes the logs.</summary>
internal sealed class CommandContext : IDisposable
{
    private readonly ProgramOptions _options;

    /// <summary>Reads the settings.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="settings">The settings that stood on it.</param>
    /// <param name="options">The options it was parsed with.</param>
    /// <param name="terminal">Where to read and write.</param>
    /// <param name="quiet">Logs warnings and worse only, unless settings say otherwise: for a command that is no server.</param>
    /// <exception cref="InvalidDataException">A file of settings cannot be understood.</exception>
    /// <exception cref="UsageException">What is to be logged is said wrongly.</exception>
    public CommandContext(ParseResult parsed, IReadOnlyList<string> settings, ProgramOptions options, Terminal terminal, bool quiet)
    {
        (Parsed, _options, Terminal, Settings) = (parsed, options, terminal, settings);
        Configuration = new ConfigurationBuilder()
            .AddJsonFile(Path.Combine(AppContext.BaseDirectory, "appsettings.json"), optional: true)
            .AddJsonFile(Path.GetFullPath("appsettings.json"), optional: true)
            .AddEnvironmentVariables()
            .AddCommandLine([.. settings])
            .Build();
        try
        {
            Loggers = LoggerFactory.Create(logging => Configure(logging, quiet));
        }
        catch (InvalidOperationException error)
        {
            throw new UsageException(
                $"The settings in Logging cannot be understood: {error.Message} A LogLevel is one of {string.Join(", ", Enum.GetNames<LogLevel>())}.");
        }
    }

    /// <summary>The command line.</summary>
    public ParseResult Parsed { get; }

    /// <summary>Where to read and write.</summary>
    public Terminal Terminal { get; }

    /// <summary>The settings that stood on the command line, as they stood there.</summary>
    public IReadOnlyList<string> Settings { get; }

    /// <summary>The settings: appsettings.json, environment, command line; later ones win.</summary>
    public IConfiguration Configuration { get; }

    /// <summary>Where logs go.</summary>
    public ILoggerFactory Loggers { get; }

    /// <summary>The data directory that was asked for.</summary>
    public string DataDirectory => Path.GetFullPath(Parsed.GetRequiredValue(_options.Data));

    /// <summary>The folder of certificates that was given; null when none was.</summary>
    public string? CertificateDirectory => Parsed.GetValue(_options.Certificates);

    /// <summary>Where keys are when nobody says otherwise: in the data directory.</summary>
    public string KeyDirectory => Path.Combine(DataDirectory, "keys");

    /// <summary>Whether details were asked for.</summary>
    public bool IsVerbose => Parsed.GetValue(_options.Verbose);

    /// <summary>Where browsers shall find the front end; empty when nothing was asked for.</summary>
    /// <exception cref="UsageException">One is no place for a browser.</exception>
    public ImmutableArray<string> Urls
    {
        get
        {
            ImmutableArray<string> urls =
            [
                .. (Parsed.GetValue(_options.Urls) ?? []).SelectMany(u => u.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)),
            ];
            return urls.FirstOrDefault(u => !BrowserUrl.IsOne(u)) is { } wrong
                ? throw new UsageException($"\"{wrong}\" is not where a browser could go; --urls takes addresses such as {BrowserUrl.Default}.")
                : urls;
        }
    }

    /// <summary>Where metrics shall be shown; null when nowhere.</summary>
    public string? MetricsUrl => Parsed.GetValue(_options.Metrics) ?? Configuration["Metrics:Url"];

    /// <summary>What a host needs for the topology that was asked for.</summary>
    public TwiteHostOptions HostOptions() => new()
    {
        Topology = TopologyFile.Load(Parsed.GetRequiredValue(_options.Topology)),
        DataDirectory = DataDirectory,
        Insecure = Parsed.GetValue(_options.Insecure),
        // Where twite up and twite keys leave them when nobody says otherwise.
        CertificateDirectory = CertificateDirectory ?? (Directory.Exists(KeyDirectory) ? KeyDirectory : null),
        Configuration = Configuration,
        Loggers = Loggers,
    };

    /// <summary>What an operator's tool needs to work on some services' files by itself, whatever wires the network runs on.</summary>
    public TwiteHostOptions ToolOptions(params IEnumerable<string> services) => new()
    {
        Topology = TopologyFile.Load("monolith"),
        DataDirectory = DataDirectory,
        Services = [.. services],
        Start = false,
        Configuration = Configuration,
        Loggers = Loggers,
    };

    /// <inheritdoc/>
    public void Dispose() => Loggers.Dispose();

    private void Configure(ILoggingBuilder logging, bool quiet) => logging
        .SetMinimumLevel(IsVerbose ? LogLevel.Debug : quiet ? LogLevel.Warning : LogLevel.Information)
        // Keys in the data directory are as protected as the rest of it; the warning about that helps nobody.
        .AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error)
        // What keeps the front end from starting is said in a sentence, by us.
        .AddFilter("Microsoft.Extensions.Hosting", IsVerbose ? LogLevel.Information : LogLevel.None)
        .AddFilter("Microsoft", IsVerbose ? LogLevel.Information : LogLevel.Warning)
        .AddConfiguration(Configuration.GetSection("Logging"))
        .AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
            console.UseUtcTimestamp = true;
            console.IncludeScopes = false;
        })
        .Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
}
