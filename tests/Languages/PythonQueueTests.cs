using System.Net;
using Twite.Faults;
using Twite.Processes;

namespace Twite.Languages;

/// <summary>A client in another language over RabbitMQ, written from the page about messages.</summary>
public sealed class PythonQueueTests
{
    private const string Password = "correct horse battery";

    [Fact(Skip = LongForm.WhyNot, SkipUnless = nameof(LongForm.IsRequested), SkipType = typeof(LongForm))]
    public async Task A_script_logs_in_and_verifies_its_session_and_is_refused_in_words()
    {
        await using var network = new UpNetwork("queue");
        network.Start();
        await network.WaitUntilUpAsync();
        using var visitor = new Visitor(network.Url);
        var (status, page) = await visitor.SubmitAsync("/signup", "/signup", ("Name", "ada"), ("password", Password));
        Assert.True(status == HttpStatusCode.OK, page);
        Task<(int ExitCode, string Output, string Errors)> RunAsync(string service, string password, params string[] arguments) => Python.RunAsync(
            "twite_queue_client.py", password, ["--broker", network.BrokerAddress, "--certificates", Path.Combine(network.Data, "keys", service), .. arguments]);

        var verified = await RunAsync("web", Password, "ada");
        Assert.True(verified.ExitCode == 0, verified.Errors);
        Assert.Equal("The session is ada's.\n", verified.Output);

        await RefusedAsync(RunAsync("web", "wrong horse battery", "ada"), "(gRPC status 16)");
        await RefusedAsync(RunAsync("web", "", "--token", "nonsense"), "(gRPC status 16)");
        var tampered = await Python.RunAsync(Python.Script("tampered_request.py"), "", network.BrokerAddress, Path.Combine(network.Data, "keys", "web"));
        Assert.True(tampered.ExitCode == 0, tampered.Errors);
        // As it was sealed, with its seal changed, with its body changed, as it was sealed: only those that were left alone are answered.
        Assert.Equal("16 4 4 16\n", tampered.Output);
        // Another service may log nobody in.
        await RefusedAsync(RunAsync("follows", Password, "ada"), "(gRPC status 7)");
        await RefusedAsync(RunAsync("nobody", Password, "ada"), "twite keys makes it");
        // Whose message says that it is web's and is not sealed by web gets no answer at all.
        var keys = Path.Combine(network.Data, "keys", "web", "message-keys.json");
        File.Copy(Path.Combine(network.Data, "keys", "follows", "message-keys.json"), keys, overwrite: true);
        await RefusedAsync(RunAsync("web", "", "--token", "nonsense"), "has not answered");
        Assert.Equal(0, await network.StopAsync());
    }

    [Fact]
    public async Task Its_messages_and_seals_are_those_of_the_page()
    {
        var run = await Python.RunAsync(Python.Script("test_messages.py"), "");
        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.EndsWith("OK\n", run.Errors);
    }

    [Fact]
    public async Task It_explains_itself()
    {
        var help = await Python.RunAsync("twite_queue_client.py", "", "--help");
        Assert.Equal(0, help.ExitCode);
        Assert.Contains("twite up --topology queue --with-broker", help.Output);
    }

    private static async Task RefusedAsync(Task<(int ExitCode, string Output, string Errors)> run, string said)
    {
        var (exitCode, _, errors) = await run;
        Assert.True(exitCode == 1, errors);
        Assert.DoesNotContain("Traceback", errors);
        Assert.Contains(said, errors);
    }
}
