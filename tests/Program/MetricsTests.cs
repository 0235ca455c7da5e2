using System.Net;
using System.Net.Sockets;
using Twite.Commands;
using Twite.Hosting;
using Twite.Processes.Telemetry;

namespace Twite.ProgramTests;

/// <summary><c>--metrics</c>: what a process tells whoever watches it.</summary>
public sealed class MetricsTests : IDisposable
{
    private readonly CommandLine _twite = new();
    private readonly HttpClient _http = new();

    [Fact]
    public async Task Calls_errors_and_latency_are_told_for_each_method_and_wire()
    {
        var (url, metrics) = (Free(), Free());
        await using var program = await RunningProgram.StartAsync("run", "--data", _twite.Data, "--urls", url, "--metrics", metrics);
        await _http.GetStringAsync(url + "/public");
        using var nobody = await _http.GetAsync(url + "/@nobody_of_that_name");

        var told = await _http.GetStringAsync(metrics + "/metrics");

        Assert.True(Sum(told, "rpc_client_call_duration_seconds_count", "twite.v1.MessagesService/ListPublic", "OK") >= 1, told);
        Assert.True(Sum(told, "rpc_server_call_duration_seconds_sum", "twite.v1.MessagesService/ListPublic", "OK") > 0, told);
        Assert.True(Sum(told, "rpc_server_call_duration_seconds_count", "twite.v1.AccountsService/LookUpAccount", "NOT_FOUND") >= 1, told);
        Assert.Contains("http_server_request_duration_seconds_count", told, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_tells_whether_it_runs_and_can_work()
    {
        var metrics = Free();
        await using var program = await RunningProgram.StartAsync("run", "--data", _twite.Data, "--urls", Free(), "--metrics", metrics);
        Assert.Equal("ok\n", await _http.GetStringAsync(metrics + "/healthz"));
        Assert.Equal("ready\n", await _http.GetStringAsync(metrics + "/readyz"));
    }

    [Fact]
    public async Task It_is_a_setting_too()
    {
        var metrics = Free();
        await using var program = await RunningProgram.StartAsync("run", "--data", _twite.Data, "--urls", Free(), $"--Metrics:Url={metrics}");
        Assert.Contains("dotnet_process_cpu_time_seconds_total", await _http.GetStringAsync(metrics + "/metrics"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task People_do_not_find_them_where_they_go()
    {
        var url = Free();
        await using var program = await RunningProgram.StartAsync("run", "--data", _twite.Data, "--urls", url, "--metrics", Free());
        Assert.Equal(HttpStatusCode.NotFound, (await _http.GetAsync(url + "/metrics")).StatusCode);
    }

    [Fact]
    public async Task An_address_of_another_machine_is_said()
    {
        // One for examples (RFC 5737), which no machine has.
        var result = await _twite.RunAsync("run", "--data", _twite.Data, "--urls", Free(), "--metrics", "http://192.0.2.1:9141");
        Assert.Equal(ExitCodes.Failed, result.ExitCode);
        Assert.Contains("Metrics cannot be shown at http://192.0.2.1:9141", result.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("9141")]
    [InlineData("https://127.0.0.1:9141")]
    [InlineData("http://127.0.0.1:9141/metrics")]
    [InlineData("http://127.0.0.1:9141/#metrics")]
    [InlineData("http://localhost@127.0.0.1:9141")]
    // Kestrel would take each of these for every address of the machine.
    [InlineData("http://metrics.internal:9141")]
    [InlineData("http://localhost.localdomain:9141")]
    [InlineData("http://*:9141")]
    [InlineData("http://+:9141")]
    public async Task What_is_no_address_is_refused_before_anything_is_made(string metrics)
    {
        var result = await _twite.RunAsync("run", "--data", _twite.Data, "--metrics", metrics);
        Assert.Equal(ExitCodes.Usage, result.ExitCode);
        Assert.Contains("http://127.0.0.1:9141", result.Errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_twite.Data));
    }

    [Fact]
    public async Task A_port_that_is_taken_is_said()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var result = await _twite.RunAsync(
            "run", "--data", _twite.Data, "--urls", Free(), "--metrics", $"http://127.0.0.1:{((IPEndPoint)taken.LocalEndpoint).Port}");
        Assert.Equal(ExitCodes.Failed, result.ExitCode);
        Assert.Contains("--metrics", result.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Errors, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _http.Dispose();
        _twite.Dispose();
    }

    private static string Free() => $"http://127.0.0.1:{UnusedPorts.Find()}";

    private static double Sum(string told, string metric, string method, string status) => PrometheusText.Read(told, metric)
        .Where(s => s.Method == method && s.Is("anywire_wire", "in process") && s.Is("rpc_response_status_code", status)).Sum(s => s.Value);
}
