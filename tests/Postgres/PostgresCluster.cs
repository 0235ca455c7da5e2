using System.ComponentModel;
using System.Diagnostics;
using System.Security.Cryptography;
using Twite.Hosting;

namespace Twite.Postgres;

/// <summary>A server's directory and process. PostgreSQL refuses to run as root: then it runs as the user postgres, whom Debian's package makes.</summary>
public sealed class PostgresCluster : IAsyncDisposable
{
    private const string Programs = "/usr/lib/postgresql/15/bin";
    private const string User = "app";

    private readonly string _directory;
    private readonly string _password = RandomNumberGenerator.GetHexString(24, lowercase: true);

    private readonly bool _durable;

    private PostgresCluster(string directory, int port, bool durable) => (_directory, Port, _durable) = (directory, port, durable);

    /// <summary>Where it listens on loopback.</summary>
    public int Port { get; }

    private string Data => Path.Combine(_directory, "data");

    /// <summary>Makes a server and starts it.</summary>
    /// <param name="durable">Whether a commit is on disk, which costs what a disk costs; otherwise the system's memory is enough.</param>
    /// <exception cref="InvalidOperationException">It could not be started; the message has its log.</exception>
    public static async Task<PostgresCluster> StartAsync(bool durable)
    {
        if (!File.Exists($"{Programs}/pg_ctl"))
        {
            throw new InvalidOperationException($"There is no PostgreSQL 15 in {Programs}. Run eng/install-test-packages.");
        }
        var directory = Directory.CreateTempSubdirectory("twite-postgres-").FullName;
        var cluster = new PostgresCluster(directory, UnusedPorts.Find(), durable);
        var passwordFile = Path.Combine(directory, "password");
        await File.WriteAllTextAsync(passwordFile, cluster._password);
        if (Environment.IsPrivilegedProcess)
        {
            await RunAsync("chown", ["-R", "postgres:postgres", directory]);
        }
        await RunAsServerAsync("initdb", ["-D", cluster.Data, "-A", "scram-sha-256", "-U", User, $"--pwfile={passwordFile}", "-E", "UTF8", "--no-locale", "-N"]);
        await cluster.StartAgainAsync();
        return cluster;
    }

    /// <summary>Where one of its databases is.</summary>
    public string ConnectionStringOf(string database) =>
        $"Host=127.0.0.1;Port={Port};Database={database};Username={User};Password={_password}";

    /// <summary>Starts it after <see cref="StopAsync"/>, on the same port; returns when it takes connections.</summary>
    public Task StartAgainAsync() => RunAsServerAsync("pg_ctl",
    [
        "-D", Data, "-s", "-w", "-l", Path.Combine(_directory, "log"),
        "-o", $"-p {Port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={_directory} -c max_connections=400 -c fsync={(_durable ? "on" : "off")}",
        "start",
    ]);

    /// <summary>Stops it and cuts off whoever is connected.</summary>
    /// <param name="immediately">As if it had crashed: it recovers at the next start.</param>
    public Task StopAsync(bool immediately = false) => RunAsServerAsync("pg_ctl", ["-D", Data, "-s", "-w", "-m", immediately ? "immediate" : "fast", "stop"]);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (File.Exists(Path.Combine(Data, "postmaster.pid")))
        {
            await StopAsync(immediately: true);
        }
        Directory.Delete(_directory, recursive: true);
    }

    private static Task RunAsServerAsync(string program, string[] arguments) => Environment.IsPrivilegedProcess
        ? RunAsync("runuser", ["-u", "postgres", "--", $"{Programs}/{program}", .. arguments])
        : RunAsync($"{Programs}/{program}", arguments);

    private static async Task RunAsync(string program, string[] arguments)
    {
        // Its output is not read through a pipe: the server would keep that open for as long as it runs.
        var output = Path.GetTempFileName();
        try
        {
            var start = new ProcessStartInfo("/bin/sh", ["-c", "out=$1; shift; exec \"$@\" >\"$out\" 2>&1 </dev/null", "sh", output, program, .. arguments])
            {
                WorkingDirectory = "/",
            };
            using var process = Process.Start(start) ?? throw new Win32Exception($"{program} did not start.");
            await process.WaitForExitAsync();
            if (process.ExitCode != 0)
            {
                throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}: {await File.ReadAllTextAsync(output)}");
            }
        }
        finally
        {
            File.Delete(output);
        }
    }
}
