using System.CommandLine;
using Twite.Topologies;

namespace Twite.Commands;

/// <summary>Options that mean the same to every command that has them. A new set for each command line.</summary>
internal sealed class ProgramOptions
{
    /// <summary>Where the files are.</summary>
    public Option<string> Data { get; } = new("--data")
    {
        Description = "Where the network's files are; made when it does not exist.",
        HelpName = "DIR",
        DefaultValueFactory = _ => "./data",
    };

    /// <summary>Where browsers go.</summary>
    public Option<string[]> Urls { get; } = new("--urls")
    {
        Description = $"Where browsers find it; several are separated by semicolons. Without it: where the topology says, else {BrowserUrl.Default}.",
        HelpName = "URL",
    };

    /// <summary>Who runs where.</summary>
    public Option<string> Topology { get; } = new("--topology")
    {
        Description = $"Who runs where, on which wire: a file, or one of {string.Join(", ", TopologyFile.Names)}.",
        HelpName = "NAME|FILE",
        DefaultValueFactory = _ => "monolith",
    };

    /// <summary>Plain schemes.</summary>
    public Option<bool> Insecure { get; } = new("--insecure")
    {
        Description = "Allows unsecured wires between services, on loopback and private addresses only: to measure what security costs.",
    };

    /// <summary>Certificates of the services.</summary>
    public Option<string?> Certificates { get; } = new("--certificates")
    {
        Description = "The folder that twite keys made, or one with ca.pem, NAME.pem and NAME.key for each service; needed for secured wires. Default: keys in the data directory.",
        HelpName = "DIR",
    };

    /// <summary>Metrics.</summary>
    public Option<string?> Metrics { get; } = new("--metrics")
    {
        Description = "Where Prometheus finds /metrics, and a supervisor /healthz and /readyz: http://127.0.0.1:9141, say. Whoever reaches it may read it. Default: nowhere.",
        HelpName = "URL",
    };

    /// <summary>Details.</summary>
    public Option<bool> Verbose { get; } = new("--verbose")
    {
        Description = "Says in detail what happens, and where an error came from.",
        Recursive = true,
    };
}
