using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using Twite.Faults.Network;

namespace Twite.Faults.Replicas;

/// <summary>A process of a network, and the means to end it the hard way. Disposing ends it.</summary>
internal sealed class ReplicaProcess(IEnumerable<string> arguments, string database, string metricsUrl) : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);

    private readonly string[] _arguments = [.. arguments];
    private readonly HttpClient _http = new() { BaseAddress = new Uri(metricsUrl), Timeout = TimeSpan.FromSeconds(10) };
    private readonly ConcurrentQueue<string> _log = new();
    private Process? _process;

    /// <summary>What it wrote so far.</summary>
    public string Log => string.Join('\n', _log);

    /// <summary>Whether it has been started and has not ended.</summary>
    public bool IsRunning => _process is { HasExited: false };

    /// <summary>Starts it (again); returns when it runs, whether or not those that it calls do.</summary>
    public Task StartAsync()
    {
        _process?.Dispose();
        _process = Process.Start(TwiteProgram.StartInfo(_arguments, database))!;
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
        return UntilReadyAsync(_ => true);
    }

    /// <summary>Waits until it can reach all that it calls.</summary>
    public Task ConnectedAsync() => UntilReadyAsync(said => !said.Contains("degraded", StringComparison.Ordinal));

    /// <summary>The calls that it counted, by a metric.</summary>
    public async Task<CallCounts> CountAsync(string metric) => CallCounts.Parse(await _http.GetStringAsync("/metrics"), metric);

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGTERM.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> StopAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", _process!.Id.ToString()]);
        await _process.WaitForExitAsync().WaitAsync(Patience);
        return _process.ExitCode;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (IsRunning)
        {
            await KillAsync();
        }
        _process?.Dispose();
        _http.Dispose();
    }

    private async Task UntilReadyAsync(Func<string, bool> enough)
    {
        var (started, said) = (TimeProvider.System.GetTimestamp(), "");
        while (true)
        {
            try
            {
                using var reply = await _http.GetAsync("/readyz");
                said = await reply.Content.ReadAsStringAsync();
                if (reply.StatusCode == HttpStatusCode.OK && enough(said))
                {
                    return;
                }
            }
            catch (Exception error) when (Exchange.IsBroken(error))
            {
                said = error.Message;
            }
            Assert.False(_process!.HasExited, $"It ended by itself:\n{Log}");
            Assert.True(TimeProvider.System.GetElapsedTime(started) < Patience, $"It was not ready after {Patience}: {said}\n{Log}");
            await Task.Delay(Poll, TimeProvider.System);
        }
    }

    private void Keep(string? line)
    {
        if (line is not null)
        {
            _log.Enqueue(line);
        }
    }
}
