using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Twite.Hosting;

namespace Twite.Processes;

/// <summary>The guide to clusters of brokers, with what differs from machine to machine put in: its three machines are three addresses of this one. Immutable.</summary>
/// <param name="scheme">Which broker: <c>amqps</c> or <c>natss</c>.</param>
internal sealed class ClusterGuide(string scheme)
{
    private readonly string[] _lines = File.ReadAllLines(PathOf());

    /// <summary>Where services reach the nodes; each has an address of its own.</summary>
    public int Port { get; } = UnusedPorts.Find();

    /// <summary>Where a node of NATS is looked at.</summary>
    public int LookPort { get; } = UnusedPorts.Find();

    /// <summary>The address of a node.</summary>
    /// <param name="node">Its number, from 1.</param>
    public static string HostOf(int node) => $"127.0.0.{node}";

    /// <summary>The topology.</summary>
    public UpTopology Topology()
    {
        var url = $"http://127.0.0.1:{UnusedPorts.Find()}";
        var text = string.Join('\n', _lines.SkipWhile(l => l != "```json").Skip(1).TakeWhile(l => l != "```")).Replace("http://127.0.0.1:5141", url, StringComparison.Ordinal);
        text = Regex.Replace(text, @"amqps://10\.0\.0\.(\d)(/twite)", m => $"{scheme}://{HostOf(int.Parse(m.Groups[1].ValueSpan))}:{Port}{(scheme == "amqps" ? m.Groups[2].Value : "")}");
        return new UpTopology(text, ["accounts", "messages", "follows", "notifications", "web"], [url], Broker: null);
    }

    /// <summary>A command.</summary>
    /// <param name="fragment">What is in it and in no other.</param>
    /// <param name="folder">The folder of the node on whose machine it is given.</param>
    /// <param name="about">Which node it is about, where it is about one.</param>
    public string Command(string fragment, string folder, int about = 3)
    {
        var host = HostOf(about);
        return _lines.Single(l => l.Contains(fragment, StringComparison.Ordinal) && (l.StartsWith("RABBITMQ_", StringComparison.Ordinal) || l.StartsWith("nats-server ", StringComparison.Ordinal) || l.StartsWith("curl ", StringComparison.Ordinal)))
            .Replace("/etc/twite-broker", folder, StringComparison.Ordinal)
            .Replace("10.0.0.3", host, StringComparison.Ordinal).Replace("10-0-0-3", host.Replace('.', '-'), StringComparison.Ordinal)
            .Replace("8222", LookPort.ToString(), StringComparison.Ordinal);
    }

    private static string PathOf([CallerFilePath] string thisFile = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "..", "..", "..", "docs", "guides", "broker-clusters.md"));
}
