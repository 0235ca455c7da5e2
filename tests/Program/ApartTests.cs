using System.Net;
using System.Net.Http.Headers;
using Twite.Hosting;

namespace Twite.ProgramTests;

/// <summary>The network in several programs, each with a part of it: what is away is missed, not fatal, and comes back by itself.</summary>
public sealed class ApartTests : IAsyncLifetime
{
    private static readonly string[] Services = ["accounts", "messages", "follows", "notifications", "web"];

    private readonly CommandLine _twite = new();
    private readonly List<int> _ports = [.. UnusedPorts.Find(Services.Length + 1)];
    private readonly HttpClient _http = new();

    private string Keys => _twite.PathOf("keys");

    private string Topology => _twite.PathOf("topology.json");

    public async ValueTask InitializeAsync()
    {
        _twite.Write("topology.json", $$"""{ "services": { {{string.Join(", ", Services.Select((s, i) => $"\"{s}\": {{ \"listen\": [\"inproc:{s}\", \"grpcs://127.0.0.1:{_ports[i]}\"] }}"))}} } }""");
        Assert.Equal(0, (await _twite.RunAsync("keys", "--dir", Keys)).ExitCode);
        _http.BaseAddress = new Uri($"http://127.0.0.1:{_ports[^1]}");
    }

    [Fact]
    public async Task A_network_without_Notifications_works_says_what_is_missing_and_is_whole_once_they_come()
    {
        await _twite.RunWithInputAsync("correct horse battery\n", "admin", "create-account", "alice", "--password-stdin", "--data", _twite.Data);
        var token = (await _twite.RunAsync("admin", "token", "alice", "--data", _twite.Data)).Output.Trim();
        await using var most = await StartAsync("web", "accounts", "messages", "follows");

        Assert.Equal("ready, degraded: notifications cannot be reached\n", await _http.GetStringAsync("/readyz"));
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var posted = await _http.PostAsync("/api/v1/statuses", new FormUrlEncodedContent([new("status", "nobody is told yet")]));
        Assert.Equal(HttpStatusCode.OK, posted.StatusCode);
        Assert.Contains("nobody is told yet", await _http.GetStringAsync("/public"));

        await using (await StartAsync("notifications"))
        {
            await RunningProgram.UntilAsync(async () => await _http.GetStringAsync("/readyz") == "ready\n", "the front end says that nothing is missing");
        }
        await RunningProgram.UntilAsync(async () => (await _http.GetStringAsync("/readyz")).StartsWith("ready, degraded", StringComparison.Ordinal), "the front end says that they are missing again");
        Assert.Contains("nobody is told yet", await _http.GetStringAsync("/public"));
    }

    [Fact]
    public async Task A_part_that_cannot_reach_the_others_is_refused_before_anything_is_made()
    {
        var result = await _twite.RunAsync("run", "accounts", "messages", "--data", _twite.Data);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("within one process only (inproc:", result.Errors);
        Assert.False(Directory.Exists(_twite.Data));
    }

    [Fact]
    public async Task Up_refuses_what_only_goes_in_one_process()
    {
        var result = await _twite.RunAsync("up", "--topology", "monolith", "--data", _twite.Data);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("twite run --topology monolith", result.Errors);
        Assert.False(Directory.Exists(_twite.Data));
    }

    [Fact]
    public async Task Two_front_ends_need_an_address_each()
    {
        var two = _twite.Write("two.json", (await File.ReadAllTextAsync(Topology)).Replace(
            $$"""{ "listen": ["inproc:web", "grpcs://127.0.0.1:{{_ports[4]}}"] }""",
            """{ "replicas": [{ "listen": ["grpcs://127.0.0.1:1"] }, { "listen": ["grpcs://127.0.0.1:2"] }] }""", StringComparison.Ordinal));
        var result = await _twite.RunAsync("up", "--topology", two, "--data", _twite.Data);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("has 2 front ends: give each its own \"urls\"", result.Errors);
    }

    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        _twite.Dispose();
        return ValueTask.CompletedTask;
    }

    private Task<RunningProgram> StartAsync(params string[] services) => RunningProgram.StartAsync(
        ["run", .. services, "--data", _twite.Data, "--topology", Topology, "--certificates", Keys, .. services.Contains("web") ? new[] { "--urls", _http.BaseAddress!.ToString() } : []]);
}
