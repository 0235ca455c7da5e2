using System.Diagnostics;

namespace Twite.ProgramTests;

/// <summary>The command line teaches, and what is asked for wrongly is said in a sentence with exit code 2.</summary>
public sealed class UsageTests : IDisposable
{
    private readonly CommandLine _twite = new();

    [Theory]
    [InlineData("bogus")]
    [InlineData("run", "--bogus")]
    [InlineData("run", "extra")]
    [InlineData("run", "--urls", "localhost:5141")]
    [InlineData("run", "--topology", "nowhere")]
    [InlineData("run", "--data")]
    [InlineData("run", "--Logging:LogLevel:Default=Chatty")]
    [InlineData("admin", "token", "alice", "--Accounts:SessionLifetime=long")]
    [InlineData("seed")]
    [InlineData("seed", "--demo", "--graph", "x")]
    [InlineData("seed", "--demo", "one")]
    [InlineData("seed", "--demo", "1")]
    [InlineData("seed", "--demo", "--mutual")]
    [InlineData("seed", "--graph", "no-such-file")]
    [InlineData("admin")]
    [InlineData("admin", "token")]
    [InlineData("admin", "create-account", "alice")]
    [InlineData("admin", "create-account", "alice", "--password-stdin")]
    [InlineData("admin", "parked")]
    [InlineData("admin", "parked", "list", "--service", "notifications")]
    [InlineData("admin", "parked", "replay")]
    [InlineData("admin", "parked", "replay", "17")]
    [InlineData("admin", "parked", "replay", "notifications-17")]
    [InlineData("admin", "parked", "replay", "messages-17", "--all")]
    [InlineData("admin", "parked", "drop", "messages-17", "--service", "messages")]
    [InlineData("topology", "nowhere")]
    [InlineData("run", "accounts-9", "--topology", "grpc")]
    [InlineData("up", "--topology", "nowhere")]
    [InlineData("up", "--urls", "localhost:5141")]
    [InlineData("up", "accounts")]
    [InlineData("keys", "issue")]
    [InlineData("keys", "issue", "Not A Name", "--dir", "no-such-folder")]
    [InlineData("keys", "bogus")]
    [InlineData("doctor", "--topology", "nowhere")]
    [InlineData("compare", "--transports", "pigeons")]
    [InlineData("compare", "--transports", ",")]
    [InlineData("compare", "--scenes", "call,tragedy")]
    [InlineData("compare", "--random-seed", "one")]
    [InlineData("queue")]
    [InlineData("queue", "dead-letters")]
    [InlineData("queue", "dead-letters", "list")]
    [InlineData("queue", "dead-letters", "list", "--topology", "nats", "--service", "gossip")]
    [InlineData("queue", "dead-letters", "show", "--topology", "nats")]
    [InlineData("queue", "dead-letters", "show", "17", "--topology", "nats")]
    [InlineData("queue", "dead-letters", "replay", "--topology", "nats")]
    [InlineData("queue", "dead-letters", "replay", "notifications/1", "--all", "--topology", "nats")]
    [InlineData("queue", "dead-letters", "drop", "notifications/1", "--service", "notifications", "--topology", "nats")]
    [InlineData("queue", "dead-letters", "drop", "gossip/1", "--topology", "nats")]
    public async Task What_is_asked_for_wrongly_ends_with_2_and_one_sentence(params string[] arguments)
    {
        var result = await _twite.RunAsync(arguments);
        Assert.Equal(2, result.ExitCode);
        Assert.Empty(result.Output);
        Assert.Single(result.Errors.TrimEnd().Split('\n'));
        Assert.DoesNotContain("   at ", result.Errors);
    }

    [Fact]
    public async Task A_settings_file_that_cannot_be_read_is_said()
    {
        var file = _twite.Write("appsettings.json", "{ \"Logging\": ");
        using var program = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "twite.dll"), "topology"])
        {
            WorkingDirectory = Path.GetDirectoryName(file),
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var errors = await program.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await program.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(2, program.ExitCode);
        Assert.Contains(file, errors);
        Assert.Single(errors.TrimEnd().Split('\n'));
    }

    [Theory]
    [InlineData]
    [InlineData("run")]
    [InlineData("seed")]
    [InlineData("admin")]
    [InlineData("admin", "token")]
    [InlineData("admin", "create-account")]
    [InlineData("admin", "parked")]
    [InlineData("admin", "parked", "list")]
    [InlineData("admin", "parked", "replay")]
    [InlineData("admin", "parked", "drop")]
    [InlineData("topology")]
    [InlineData("up")]
    [InlineData("keys")]
    [InlineData("keys", "issue")]
    [InlineData("keys", "broker")]
    [InlineData("keys", "rotate")]
    [InlineData("keys", "show")]
    [InlineData("doctor")]
    [InlineData("compare")]
    [InlineData("queue")]
    [InlineData("queue", "dead-letters")]
    [InlineData("queue", "dead-letters", "list")]
    [InlineData("queue", "dead-letters", "show")]
    [InlineData("queue", "dead-letters", "replay")]
    [InlineData("queue", "dead-letters", "drop")]
    public async Task Help_has_examples(params string[] command)
    {
        var result = await _twite.RunAsync([.. command, "--help"]);
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("Examples:", result.Output);
        Assert.Contains("twite " + string.Join(' ', command), result.Output);
    }

    [Fact]
    public async Task Help_states_the_exit_codes() => Assert.Contains("Exit codes:", (await _twite.RunAsync("--help")).Output);

    [Fact]
    public async Task Nothing_at_all_shows_the_help() => Assert.Contains("Commands:", (await _twite.RunAsync()).Output);

    [Fact]
    public async Task A_topology_is_shown()
    {
        var result = await _twite.RunAsync("topology");
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("inproc:notifications", result.Output);
        Assert.Contains("OnMessagePosted", result.Output);
    }

    [Fact]
    public async Task A_topology_over_a_broker_is_shown()
    {
        var result = await _twite.RunAsync("topology", "nats");
        Assert.True(result.ExitCode == 0, result.Errors);
        Assert.Matches("accounts +natss://127.0.0.1:4222 +NATS +mutual TLS with the broker, sealed messages", result.Output);
    }

    [Fact]
    public async Task A_topology_is_drawn_for_Markdown()
    {
        var drawn = (await _twite.RunAsync("topology", "grpc", "--mermaid")).Output;
        Assert.StartsWith("flowchart LR\n", drawn);
        Assert.Contains("  accounts[\"accounts<br>grpcs://127.0.0.1:5151\"]\n", drawn);
        Assert.Contains("  web -->|gRPC| messages\n", drawn);
        Assert.Contains("  messages ==>|gRPC| notifications\n", drawn);
        Assert.Contains("  notifications -.->|gRPC| web\n", drawn);
        Assert.DoesNotContain("admin", drawn);
        Assert.Contains("  subgraph rabbitmq-server [\"RabbitMQ at amqps://127.0.0.1:5671/twite\"]\n    notifications[\"notifications\"]\n    web[\"web\"]\n  end\n", (await _twite.RunAsync("topology", "mixed", "--mermaid")).Output);
        Assert.Contains("subgraph process [one process]", (await _twite.RunAsync("topology", "--mermaid")).Output);
    }

    [Fact]
    public async Task Every_mistake_of_a_topology_is_shown()
    {
        var file = _twite.Write("t.json", """{ "services": { "accounts": { "listen": ["pigeon:a"] }, "gossip": { "listen": ["inproc:g"] } } }""");
        var result = await _twite.RunAsync("topology", file);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("pigeon:", result.Errors);
        Assert.Contains("gossip", result.Errors);
        Assert.Contains("does not place messages", result.Errors);
    }

    [Fact]
    public async Task A_mistake_in_a_topology_stops_run_before_anything_is_made()
    {
        var file = _twite.Write("t.json", """{ "services": { "accounts": { "listen": ["pigeon:a"] } } }""");
        Assert.Equal(2, (await _twite.RunAsync("run", "--topology", file, "--data", _twite.Data)).ExitCode);
        Assert.False(Directory.Exists(_twite.Data));
    }

    [Fact]
    public async Task A_secured_topology_asks_for_certificates()
    {
        var result = await _twite.RunAsync("run", "--topology", "grpc", "--data", _twite.Data);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("--certificates", result.Errors);
    }

    [Fact]
    public async Task Dead_letters_need_the_operators_certificate_and_it_is_said_how_it_is_made()
    {
        var keys = _twite.PathOf("keys");
        await _twite.RunAsync("keys", "--dir", keys);
        var result = await _twite.RunAsync("queue", "dead-letters", "list", "--topology", "nats", "--certificates", keys);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains($"The operator (admin) has no certificate in {keys}", result.Errors);
        Assert.Contains($"twite keys broker --topology nats --dir {keys}", result.Errors);
    }

    public void Dispose() => _twite.Dispose();
}
