using System.Diagnostics;

namespace Twite.Supervision;

/// <summary>This program, once more, as a process of its own: it ends when its standard input does. Its log lines go to an
/// <see cref="InterleavedLog"/>. Any thread may stop or kill it.</summary>
internal sealed class ChildProcess : IChild
{
    private readonly Process _process;
    private readonly Task _logs;
    private int _isStopping;

    private ChildProcess(Process process, Action<string> log)
    {
        _process = process;
        _logs = LogCopy.StartAsync(process.StandardError, log);
    }

    /// <inheritdoc/>
    public int Id => _process.Id;

    /// <summary>Starts it.</summary>
    /// <param name="arguments">The command line after the program's name.</param>
    /// <param name="log">Takes its log lines.</param>
    /// <exception cref="IOException">The system does not start it.</exception>
    public static ChildProcess Start(IEnumerable<string> arguments, Action<string> log)
    {
        var (file, first) = ProgramFile();
        var info = new ProcessStartInfo(file, [.. first, .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            return new ChildProcess(Process.Start(info)!, log);
        }
        catch (System.ComponentModel.Win32Exception error)
        {
            throw new IOException($"{file} cannot be started: {error.Message}", error);
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<ChildReport> ReadReportsAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (ChildReport.Parse(line) is { } report)
            {
                yield return report;
            }
        }
    }

    /// <inheritdoc/>
    public async Task<int> WaitForExitAsync()
    {
        await _process.WaitForExitAsync();
        await _logs;
        return _process.ExitCode;
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
            _process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It has ended already.
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _process.Dispose();

    // Under "dotnet twite.dll" the process is dotnet's; as an executable of its own it is ours.
    private static (string File, string[] First) ProgramFile()
    {
        var program = typeof(ChildProcess).Assembly.Location;
        var process = Environment.ProcessPath!;
        return program.Length > 0 && Path.GetFileNameWithoutExtension(process) != Path.GetFileNameWithoutExtension(program)
            ? ("dotnet", [program])
            : (process, []);
    }
}
