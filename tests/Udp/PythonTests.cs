using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Anywire.Udp.Tests;

/// <summary>A client in another language, written from the README alone.</summary>
public sealed class PythonTests
{
    private static readonly string Root = Path.Combine(Path.GetDirectoryName(ThisFile())!, "..", "..");
    private static readonly string Script = Path.Combine(Root, "examples", "python", "twite_udp_client.py");

    [Fact]
    public async Task It_asks_tells_and_hands_over()
    {
        await using var bed = await EchoBed.StartAsync(isSealed: false);
        var address = $"127.0.0.1:{bed.Endpoint.Port}";
        Assert.Equal((0, "1: Grüße 🐦\n2: 7\n", ""), await RunAsync(Script, address, "/anywire.udp.tests.Echo/Say", "--text", "1=Grüße 🐦", "--number", "2=7"));
        Assert.Equal((0, "", ""), await RunAsync(Script, address, "/anywire.udp.tests.Echo/Note", "--number", "2=8", "--event", "at-least-once"));
        Assert.Equal([8], bed.Echo.Kept);
        Assert.Equal((0, "", ""), await RunAsync(Script, address, "/anywire.udp.tests.Echo/Shout", "--number", "2=9", "--event", "best-effort"));
        await Wait.UntilAsync(() => bed.Echo.Kept.Count == 2, "the event has come");
        // The standard health service: 1 is SERVING.
        Assert.Equal((0, "1: 1\n", ""), await RunAsync(Script, address, "/grpc.health.v1.Health/Check"));
    }

    [Fact]
    public async Task It_is_refused_in_words()
    {
        await using var bed = await EchoBed.StartAsync(isSealed: false);
        var (exitCode, _, errors) = await RunAsync(Script, $"127.0.0.1:{bed.Endpoint.Port}", "/anywire.udp.tests.Echo/Sing");
        Assert.Equal((1, "The service has no such method on this wire. (gRPC status 12)\n"), (exitCode, errors));
        await bed.Server.DisposeAsync();
        (exitCode, _, errors) = await RunAsync(Script, $"127.0.0.1:{bed.Endpoint.Port}", "/anywire.udp.tests.Echo/Say");
        Assert.Equal((1, "Nobody listens there. (gRPC status 14)\n"), (exitCode, errors));
    }

    [Fact]
    public async Task Its_bytes_are_those_of_the_page()
    {
        var (exitCode, _, errors) = await RunAsync(Path.Combine(Root, "tests", "Udp", "test_datagrams.py"));
        Assert.True(exitCode == 0, errors);
    }

    private static async Task<(int ExitCode, string Output, string Errors)> RunAsync(params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("/usr/bin/python3", ["-B", .. arguments])
        {
            UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        start.Environment["PYTHONIOENCODING"] = "utf-8";
        start.Environment["PYTHONUTF8"] = "1";
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync().Soon();
        return (process.ExitCode, await output, await errors);
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
