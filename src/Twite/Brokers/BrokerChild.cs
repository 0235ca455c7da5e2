using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Twite.Commands;
using Twite.Supervision;

namespace Twite.Brokers;

/// <summary>A broker as a supervised process: like our own it ends when its standard input does, which a shell beside it sees to. It reports for as long as it
/// takes connections. Any thread may stop or kill it.</summary>
internal sealed class BrokerChild : IChild
{
    // The shell becomes the broker. Beside it stays one that waits for the end of our pipe, and keeps Erlang's port mapper, which would outlive the broker if that
    // started it. When we are no more, the services learn it at the same moment: they get a while to finish with the broker. In a session of its own the broker
    // does not hear the terminal's Ctrl-C: it ends after those that use it.
    private const string Keeper = """
        mapper=$1; shift
        trap '' INT
        runs() { case "$(ps -o stat= -p "$1")" in ''|Z*) return 1 ;; esac; }
        exec 3<&0
        (
          trap '' INT HUP TERM
          epmd=
          [ -z "$mapper" ] || { epmd -port "$mapper" -address 127.0.0.1 >/dev/null </dev/null 3<&- & epmd=$!; }
          while read -r line; do :; done <&3
          runs $PPID || sleep 5
          # Also one that was stopped.
          kill -TERM $$ && kill -CONT $$
          tries=0
          while runs $$ && [ $tries -lt 300 ]; do sleep 0.1; tries=$((tries + 1)); done
          runs $$ && kill -KILL $$
          [ -z "$epmd" ] || kill -KILL $epmd
        ) 2>/dev/null &
        exec 3<&- </dev/null
        tries=0
        [ -z "$mapper" ] || until epmd -port "$mapper" -names >/dev/null 2>&1 || [ $tries -ge 50 ]; do sleep 0.1; tries=$((tries + 1)); done
        if command -v setsid >/dev/null 2>&1; then exec setsid "$@"; fi
        exec "$@"
        """;

    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(100);

    private readonly Process _process;
    private readonly BrokerProbe _probe;
    private readonly Task _logs;
    private int _isStopping;

    private BrokerChild(Process process, BrokerProbe probe, Action<string> log)
    {
        (_process, _probe) = (process, probe);
        _logs = Task.WhenAll(LogCopy.StartAsync(process.StandardOutput, log), LogCopy.StartAsync(process.StandardError, log));
    }

    /// <inheritdoc/>
    public int Id => _process.Id;

    /// <summary>Starts it.</summary>
    /// <param name="start">How.</param>
    /// <param name="probe">Whether it takes connections.</param>
    /// <param name="log">Takes what it writes that is not said elsewhere.</param>
    /// <exception cref="IOException">The system does not start it.</exception>
    public static BrokerChild Start(BrokerStart start, BrokerProbe probe, Action<string> log)
    {
        var info = new ProcessStartInfo("/bin/sh", ["-c", Keeper, "sh", start.MapperPort?.ToString(CultureInfo.InvariantCulture) ?? "", start.Program, .. start.Arguments])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (key, value) in start.Environment)
        {
            info.Environment[key] = value;
        }
        try
        {
            return new BrokerChild(Process.Start(info)!, probe, line => Log(line, start, log));
        }
        catch (Win32Exception error)
        {
            throw new IOException($"{start.Program} cannot be started: {error.Message}", error);
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<ChildReport> ReadReportsAsync()
    {
        var isReady = false;
        while (!_process.HasExited)
        {
            // One that hangs takes none, and so says nothing.
            if (await _probe.HandshakeAsync())
            {
                isReady = true;
                yield return new ChildReport(ChildState.Ready);
            }
            using var pause = new CancellationTokenSource(isReady ? Heartbeat.Interval / 2 : Glance, TimeProvider.System);
            await _process.WaitForExitAsync(pause.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <inheritdoc/>
    public async Task<int> WaitForExitAsync()
    {
        await _process.WaitForExitAsync();
        // However it ended, what was kept beside it ends with it, and then nobody holds the end of its output.
        _process.StandardInput.Close();
        await _logs;
        // Brokers have ideas of their own of what to end with when they are asked to; one that was not asked has not done well.
        return Volatile.Read(ref _isStopping) != 0 ? ExitCodes.Ok : _process.ExitCode > 128 ? _process.ExitCode : ExitCodes.Failed;
    }

    /// <inheritdoc/>
    public void Stop()
    {
        if (Interlocked.Exchange(ref _isStopping, 1) == 0)
        {
            _process.StandardInput.Close();
        }
    }

    /// <inheritdoc/>
    public void Kill()
    {
        try
        {
            // It alone, by one signal: what is beside it ends when it has, and a whole tree is stopped first, which would remain if we died just then.
            _process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It has ended already.
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _process.Dispose();

    private static void Log(string line, BrokerStart start, Action<string> log)
    {
        if (line.Length > 0 && !start.IsSmallTalk(line))
        {
            log(line);
        }
    }
}
