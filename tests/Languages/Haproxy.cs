using System.Net;
using System.Net.Sockets;
using Twite.Faults.Network;
using Twite.Processes;

namespace Twite.Languages;

/// <summary>haproxy with a file of the guide, and the certificates that it needs.</summary>
internal static class Haproxy
{
    /// <summary>Starts it; returns when it listens. The guide's files take what differs from machine to machine from the environment.</summary>
    public static async Task<RunningProgram> StartAsync(Network network, string file, string listens, params (string Name, string Value)[] environment)
    {
        // -W would fork; -db keeps it in the foreground.
        var start = RunningProgram.Redirected("/usr/sbin/haproxy", "-db", "-f", Path.Combine(Network.Root, "docs", "guides", "haproxy", file));
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }
        var proxy = network.Start(start);
        await Waiting.UntilAsync(async () =>
        {
            Assert.False(proxy.HasEnded, proxy.Log);
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(IPEndPoint.Parse(listens));
                return true;
            }
            catch (SocketException)
            {
                return false;
            }
        }, () => $"haproxy listens at {listens}\n{proxy.Log}");
        return proxy;
    }

    /// <summary>Makes an authority of somebody's own and a certificate by it.</summary>
    /// <returns>The folder of the certificate.</returns>
    public static async Task<string> IssueAsync(Network network, string authority, string name)
    {
        await TwiteProgram.RunAsync("keys", "--dir", network.File(authority));
        await TwiteProgram.RunAsync("keys", "issue", name, "--dir", network.File(authority));
        return Path.Combine(network.File(authority), name);
    }

    /// <summary>Certificate and key in one file, as haproxy wants them.</summary>
    public static string Joined(string folder)
    {
        var name = Path.GetFileName(folder);
        var joined = Path.Combine(folder, "both.pem");
        File.WriteAllText(joined, File.ReadAllText(Path.Combine(folder, name + ".pem")) + File.ReadAllText(Path.Combine(folder, name + ".key")));
        return joined;
    }
}
