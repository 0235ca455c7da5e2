using System.Diagnostics;
using System.Text.Json;

namespace Twite.Bench.Sockets;

/// <summary>A process of one side.</summary>
internal sealed class SideProcess : IAsyncDisposable
{
    /// <summary>The argument that makes this program such a process.</summary>
    public const string Mark = "side";

    private readonly Process _process;

    private SideProcess(Process process, int port) => (_process, Port) = (process, port);

    public int Port { get; }

    public static async Task<SideProcess> StartAsync(string side, string subject, string keys, bool isAsync, int port = 0)
    {
        var process = Process.Start(new ProcessStartInfo(
            "dotnet", [Environment.GetCommandLineArgs()[0], Mark, side, subject, keys, $"{isAsync}", $"{port}"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        })!;
        var said = await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException($"The {side} of {subject} ended by itself.");
        return new SideProcess(process, int.Parse(said));
    }

    public async Task<Outcome> AskAsync(Order order)
    {
        await _process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(order));
        await _process.StandardInput.FlushAsync();
        return JsonSerializer.Deserialize<Outcome>(await _process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("A side ended by itself."))!;
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
