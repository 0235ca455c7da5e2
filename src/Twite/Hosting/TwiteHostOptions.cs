using System.Collections.Immutable;
using Anywire;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Twite.Topologies;

namespace Twite.Hosting;

/// <summary>What a process runs of the network. Immutable.</summary>
internal sealed record TwiteHostOptions
{
    /// <summary>Who runs where.</summary>
    public required Topology Topology { get; init; }

    /// <summary>Where the services' files are; made when it does not exist.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>What this process runs: services with all their replicas (<c>accounts</c>) or single replicas (<c>accounts-2</c>). Default: all.</summary>
    public ImmutableArray<string> Services { get; init; } = [.. ServiceCatalog.Services.Keys];

    /// <summary>Where the front end listens for browsers. Default: where the topology says, else <see cref="BrowserUrl.Default"/>.</summary>
    public ImmutableArray<string> Urls { get; init; } = [];

    /// <summary>Where Notifications reaches this front end's receiver of live updates; set for each front end by the host.</summary>
    public string ReceiverAddress { get; init; } = "";

    /// <summary>Whether plain schemes are allowed. Default: no.</summary>
    public bool Insecure { get; init; }

    /// <summary>The folder of <see cref="CertificateFolder"/>; needed when an address is secured. Default: none.</summary>
    public string? CertificateDirectory { get; init; }

    /// <summary>True for an operator's tool that works beside a running network. Default: false.</summary>
    public bool Alongside { get; init; }

    /// <summary>Whether background work runs: relays, the front end's server. Default: yes.</summary>
    public bool Start { get; init; } = true;

    /// <summary>The services' settings: a section each, named as the service (<c>Accounts:SessionLifetime</c>).</summary>
    public required IConfiguration Configuration { get; init; }

    /// <summary>The wires there are. Default: those of <see cref="Composition.Transports"/>.</summary>
    public Transports? Transports { get; init; }

    /// <summary>Where logs go; stays the caller's to dispose.</summary>
    public required ILoggerFactory Loggers { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
