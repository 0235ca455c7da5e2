using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Twite.Bench.Sockets;

/// <summary>A process of one side.</summary>
internal sealed class SideProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _name;

    private SideProcess(Process process, string name, int port) => (_process, _name, Port) = (process, name, port);

    public int Port { get; }

    public static async Task<SideProcess> StartAsync(string side, SubjectName subject, string keys, bool isAsync, int port = 0)
    {
        var process = Process.Start(new ProcessStartInfo(
            "dotnet", [Environment.GetCommandLineArgs()[0], Sides.Mark, side, subject.Text, keys, $"{isAsync}", $"{port}"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        })!;
        var said = await process.StandardOutput.ReadLineAsync() ?? throw Ended($"{side} of {subject}");
        return new SideProcess(process, $"{side} of {subject}", int.Parse(said, CultureInfo.InvariantCulture));
    }

    public async Task<Outcome> AskAsync(Order order)
    {
        await _process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(order));
        await _process.StandardInput.FlushAsync();
        return JsonSerializer.Deserialize<Outcome>(await _process.StandardOutput.ReadLineAsync() ?? throw Ended(_name))!;
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static InvalidOperationException Ended(string name) => new($"The {name} ended by itself.");
}
