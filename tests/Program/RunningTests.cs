using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using Twite.Commands;

namespace Twite.ProgramTests;

/// <summary><c>twite run</c>, and what an operator does beside it.</summary>
public sealed class RunningTests : IAsyncLifetime
{
    private readonly CommandLine _twite = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly StringWriter _output = new();
    private readonly StringWriter _errors = new();
    private readonly HttpClient _http = new();
    private Task<int> _running = Task.FromResult(0);

    public async ValueTask InitializeAsync()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        var url = $"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}";
        probe.Stop();
        _http.BaseAddress = new Uri(url);
        _running = Task.Run(() => TwiteCommand.RunAsync(
            ["run", "--data", _twite.Data, "--urls", url], new Terminal(TextReader.Null, TextWriter.Synchronized(_output), TextWriter.Synchronized(_errors)), _stop.Token));
        await ReadyAsync();
    }

    [Fact]
    public async Task It_says_where_it_is_and_stops_with_0_when_told_to()
    {
        Assert.Contains($"Twite is at {_http.BaseAddress!.ToString().TrimEnd('/')}", _output.ToString());
        await _stop.CancelAsync();
        Assert.Equal(ExitCodes.Ok, await _running);
    }

    [Fact]
    public async Task It_is_healthy_and_ready()
    {
        Assert.Equal(HttpStatusCode.OK, (await _http.GetAsync("/healthz")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await _http.GetAsync("/readyz")).StatusCode);
    }

    [Fact]
    public async Task An_account_and_a_token_made_beside_it_work_at_once()
    {
        var created = await _twite.RunWithInputAsync("correct horse battery\n", "admin", "create-account", "alice", "--password-stdin", "--data", _twite.Data);
        Assert.Equal(0, created.ExitCode);
        var token = (await _twite.RunAsync("admin", "token", "alice", "--data", _twite.Data)).Output.Trim();
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        Assert.Contains("\"alice\"", await _http.GetStringAsync("/api/v1/accounts/verify_credentials"));
    }

    [Fact]
    public async Task Who_is_suspended_beside_it_is_out_until_that_is_lifted()
    {
        await _twite.RunWithInputAsync("correct horse battery\n", "admin", "create-account", "mallory", "--password-stdin", "--data", _twite.Data);
        var token = (await _twite.RunAsync("admin", "token", "mallory", "--data", _twite.Data)).Output.Trim();
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using (var post = await _http.PostAsync("/api/v1/statuses", new FormUrlEncodedContent([new("status", "buy my things")])))
        {
            Assert.Equal(HttpStatusCode.OK, post.StatusCode);
        }
        Assert.Contains("buy my things", await PublicAsync());

        var suspended = await _twite.RunAsync("admin", "suspend", "Mallory", "--data", _twite.Data);
        Assert.Equal((0, "mallory is suspended: nobody sees its messages, and it cannot log in.\n"), (suspended.ExitCode, suspended.Output));
        await RunningProgram.UntilAsync(async () => await StatusAsync() == HttpStatusCode.Unauthorized, "the token is of no use");
        await RunningProgram.UntilAsync(async () => !(await PublicAsync()).Contains("buy my things", StringComparison.Ordinal), "the message is hidden");

        Assert.Equal(0, (await _twite.RunAsync("admin", "unsuspend", "mallory", "--data", _twite.Data)).ExitCode);
        await RunningProgram.UntilAsync(async () => await StatusAsync() == HttpStatusCode.OK, "the token works again");
        await RunningProgram.UntilAsync(async () => (await PublicAsync()).Contains("buy my things", StringComparison.Ordinal), "the message is seen again");

        async Task<HttpStatusCode> StatusAsync() => (await _http.GetAsync("/api/v1/accounts/verify_credentials")).StatusCode;
    }

    [Fact]
    public async Task A_second_instance_on_its_files_is_refused()
    {
        var second = await _twite.RunAsync("run", "--data", _twite.Data, "--urls", "http://127.0.0.1:0");
        Assert.Equal(1, second.ExitCode);
        Assert.Contains(_twite.Data, second.Errors);
        Assert.DoesNotContain("   at ", second.Errors);
    }

    [Fact]
    public async Task Seeding_its_files_is_refused()
    {
        var seed = await _twite.RunAsync("seed", "--demo", "5", "--data", _twite.Data);
        Assert.Equal(1, seed.ExitCode);
        Assert.Contains(_twite.Data, seed.Errors);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_said()
    {
        var second = await _twite.RunAsync("run", "--data", _twite.PathOf("other"), "--urls", _http.BaseAddress!.ToString().TrimEnd('/'));
        Assert.Equal(1, second.ExitCode);
        Assert.Contains("--urls", second.Errors);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
        _http.Dispose();
        _twite.Dispose();
    }

    // As a stranger sees it.
    private async Task<string> PublicAsync()
    {
        using var stranger = new HttpClient { BaseAddress = _http.BaseAddress };
        return await stranger.GetStringAsync("/public");
    }

    private async Task ReadyAsync()
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                using var reply = await _http.GetAsync("/readyz");
                if (reply.StatusCode == HttpStatusCode.OK)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
            }
            Assert.False(_running.IsCompleted, $"The network ended by itself: {_errors}");
            Assert.True(TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(60), $"The network was not ready after a minute: {_errors}");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }
    }
}
