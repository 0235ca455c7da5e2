using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Twite.Faults.Network;

/// <summary>A running network, and the means to end it the hard way. Starting it again uses the same files and the same port.</summary>
internal sealed class TwiteServer : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);

    private readonly string _data;
    private readonly string? _database;
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(2) };
    private readonly StringBuilder _errors = new();
    private Process? _process;

    /// <param name="data">Its files.</param>
    /// <param name="database">The connection string of its PostgreSQL; null when its tables are files too.</param>
    public TwiteServer(string data, string? database)
    {
        (_data, _database) = (data, database);
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        Url = $"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}";
    }

    /// <summary>Where it is.</summary>
    public string Url { get; }

    /// <summary>What it has written to its error stream so far.</summary>
    public string Errors
    {
        get
        {
            lock (_errors)
            {
                return _errors.ToString();
            }
        }
    }

    /// <summary>Starts the process; it is not ready yet.</summary>
    /// <param name="crash">Where it shall die, as TWITE_CRASH says it; null: nowhere.</param>
    public void Start(string? crash = null)
    {
        var info = TwiteProgram.StartInfo(
            ["run", "--data", _data, "--urls", Url, "--Web:Api:MaxRequests=100000000", "--Logging:LogLevel:Default=Warning"], _database);
        if (crash is not null)
        {
            info.Environment["TWITE_CRASH"] = crash;
        }
        _process?.Dispose();
        _process = Process.Start(info)!;
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.OutputDataReceived += (_, _) => { };
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
    }

    /// <summary>Waits until it can do its work.</summary>
    public async Task WaitUntilReadyAsync()
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!await IsReadyAsync())
        {
            Assert.False(_process!.HasExited, $"The network ended by itself while it started:\n{Errors}");
            Assert.True(TimeProvider.System.GetElapsedTime(started) < StartTimeout, $"The network was not ready after {StartTimeout.TotalSeconds} s:\n{Errors}");
            await Task.Delay(Poll, TimeProvider.System);
        }
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Waits until it has died by itself.</summary>
    public async Task WaitForDeathAsync(TimeSpan timeout)
    {
        await _process!.WaitForExitAsync().WaitAsync(timeout);
        Assert.NotEqual(0, _process.ExitCode);
    }

    /// <summary>SIGTERM, as a supervisor stops it.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> StopAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", _process!.Id.ToString()]);
        await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(40));
        return _process.ExitCode;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            await KillAsync();
        }
        _process?.Dispose();
        _http.Dispose();
    }

    private async Task<bool> IsReadyAsync()
    {
        try
        {
            using var reply = await _http.GetAsync(Url + "/readyz");
            return reply.StatusCode == HttpStatusCode.OK;
        }
        catch (Exception error) when (Exchange.IsBroken(error))
        {
            return false;
        }
    }

    private void Keep(string? line)
    {
        lock (_errors)
        {
            _errors.AppendLine(line);
        }
    }
}
