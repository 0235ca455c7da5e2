using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Twite.Faults.Network;

namespace Twite.Languages;

/// <summary>A network over HTTP with mutual TLS, in processes of its own, on free ports, with files of its own. Disposing ends its processes.</summary>
internal sealed class Network : IAsyncDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("twite-languages-");
    private readonly List<RunningProgram> _programs = [];
    private readonly Queue<int> _ports;

    public Network()
    {
        var probes = Enumerable.Range(0, 16).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        probes.ForEach(p => p.Start());
        _ports = new Queue<int>(probes.Select(p => ((IPEndPoint)p.LocalEndpoint).Port));
        probes.ForEach(p => p.Dispose());
    }

    /// <summary>The root of the repository.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>What was written by all processes.</summary>
    public string Log => string.Join("\n\n", _programs.Select(p => p.Log));

    /// <summary>Where <c>twite keys</c> put the certificates.</summary>
    public string Keys => File("keys");

    /// <summary>A file of this network.</summary>
    public string File(string name) => Path.Combine(_directory.FullName, name);

    /// <summary>An address of this network that nobody has yet: host and port.</summary>
    public string NewAddress() => $"127.0.0.1:{_ports.Dequeue()}";

    /// <summary>Makes the services' certificates, and one for each of some others.</summary>
    public async Task MakeKeysAsync(params string[] others)
    {
        await TwiteProgram.RunAsync("keys", "--dir", Keys);
        foreach (var other in others)
        {
            await TwiteProgram.RunAsync("keys", "issue", other, "--dir", Keys);
        }
    }

    /// <summary>Makes a certificate for <c>web</c> by an authority of a stranger's own, who believes the real one.</summary>
    /// <returns>Its folder.</returns>
    public async Task<string> MakeForeignWebAsync()
    {
        await TwiteProgram.RunAsync("keys", "--dir", File("foreign"));
        var web = Path.Combine(File("foreign"), "web");
        System.IO.File.Copy(Path.Combine(Keys, "web", "ca.pem"), Path.Combine(web, "ca.pem"), overwrite: true);
        return web;
    }

    /// <summary>Writes the topology: each service and what stands in its object.</summary>
    public void WriteTopology(params (string Service, string Body)[] services) => System.IO.File.WriteAllText(
        File("topology.json"), $"{{ \"services\": {{ {string.Join(", ", services.Select(s => $"\"{s.Service}\": {{ {s.Body} }}"))} }} }}");

    /// <summary>Runs some services of the topology in a process; returns when they run.</summary>
    public async Task<RunningProgram> RunAsync(string services, params string[] more)
    {
        var program = Start(TwiteProgram.StartInfo(
            ["run", .. services.Split(' '), "--topology", File("topology.json"), "--certificates", Keys, "--data", File("data"), "--Web:Api:MaxRequests=100000000", .. more]));
        await program.WaitForAsync("Ctrl-C stops it");
        return program;
    }

    /// <summary>Starts any other program, as part of this network.</summary>
    public RunningProgram Start(System.Diagnostics.ProcessStartInfo start)
    {
        var program = new RunningProgram(start);
        _programs.Add(program);
        return program;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var program in _programs)
        {
            await program.DisposeAsync();
        }
        _directory.Delete(recursive: true);
    }

    private static string FindRoot([CallerFilePath] string thisFile = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "..", ".."));
}
