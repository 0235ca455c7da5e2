using System.Net;
using Twite.Processes;

namespace Twite.Languages;

/// <summary>A client in another language, written from the page about the wire: it reads and writes beside the front end.</summary>
public sealed class PythonClientTests
{
    private const string Password = "correct horse battery";

    [Fact]
    public async Task A_script_logs_in_posts_and_reads_and_says_in_words_what_it_may_not()
    {
        await using var network = new Network();
        var (accounts, messages, url) = (network.NewAddress(), network.NewAddress(), $"http://{network.NewAddress()}");
        network.WriteTopology(
            ("accounts", $"\"listen\": [\"https://{accounts}\"]"), ("messages", $"\"listen\": [\"https://{messages}\"]"),
            ("follows", $"\"listen\": [\"https://{network.NewAddress()}\"]"), ("notifications", $"\"listen\": [\"https://{network.NewAddress()}\"]"),
            ("web", $"\"listen\": [\"https://{network.NewAddress()}\"], \"urls\": [\"{url}\"]"));
        await network.MakeKeysAsync("bot");
        await network.RunAsync("accounts messages follows notifications web");
        using var visitor = new Visitor(url);
        var (status, page) = await visitor.SubmitAsync("/signup", "/signup", ("Name", "ada"), ("password", Password));
        Assert.True(status == HttpStatusCode.OK, page);

        Task<(int ExitCode, string Output, string Errors)> RunAsync(string certificates, string password, params string[] arguments) => Python.RunAsync(
            "twite_client.py", password, ["--accounts", accounts, "--messages", messages, "--certificates", certificates, .. arguments]);
        string Of(string name) => Path.Combine(network.Keys, name);

        var posted = await RunAsync(Of("web"), Password, "post", "ada", "Hello from Python 🐍");
        Assert.True(posted.ExitCode == 0, posted.Errors);
        Assert.Matches("^Logged in as ada\\.\nPosted message [0-9]{15,19}: Hello from Python 🐍\n$", posted.Output);
        var read = await RunAsync(Of("bot"), "", "timeline");
        Assert.True(read.ExitCode == 0, read.Errors);
        Assert.EndsWith("Z  ada: Hello from Python 🐍\n", read.Output);
        Assert.Contains("Hello from Python", (await visitor.GetAsync("/public")).Text);
        // It logged out as well: no session of its is left.
        Assert.DoesNotContain("twite_client.py", (await visitor.GetAsync("/settings/sessions")).Text);

        await RefusedAsync(RunAsync(Of("web"), "wrong horse battery", "post", "ada", "Hello"), "There is no account with this name and password. Check both. (UNAUTHENTICATED)");
        await RefusedAsync(RunAsync(Of("web"), Password, "post", "ada", new string('x', 142)), "A message has at most 141 characters", "(INVALID_ARGUMENT: text)");
        await RefusedAsync(RunAsync(Of("bot"), Password, "post", "ada", "Hello"), "may not be called by you in that way. (PERMISSION_DENIED)");
        await RefusedAsync(RunAsync(Of("nobody"), Password, "post", "ada", "Hello"), "The certificate is missing", "twite keys issue nobody");
        await RefusedAsync(RunAsync(await network.MakeForeignWebAsync(), Password, "post", "ada", "Hello"), "no certificate that they believe", "(UNAVAILABLE)");
        await RefusedAsync(
            Python.RunAsync("twite_client.py", "", "--accounts", messages, "--certificates", Of("web"), "account", "ada"), "its certificate is not that of \"accounts\"");
        Assert.Single(await TextsAsync(url));
    }

    [Fact]
    public async Task It_explains_itself()
    {
        var help = await Python.RunAsync("twite_client.py", "", "--help");
        Assert.Equal(0, help.ExitCode);
        Assert.Contains("twite_client.py --certificates data/keys/web timeline", help.Output);
        Assert.Equal(2, (await Python.RunAsync("twite_client.py", "", "nonsense")).ExitCode);
    }

    private static async Task RefusedAsync(Task<(int ExitCode, string Output, string Errors)> run, params string[] said)
    {
        var (exitCode, _, errors) = await run;
        Assert.True(exitCode == 1, errors);
        Assert.DoesNotContain("Traceback", errors);
        Assert.All(said, s => Assert.Contains(s, errors));
    }

    private static async Task<IReadOnlyList<string>> TextsAsync(string url)
    {
        using var http = new HttpClient();
        using var statuses = System.Text.Json.JsonDocument.Parse(await http.GetStringAsync(url + "/api/v1/timelines/public"));
        return [.. statuses.RootElement.EnumerateArray().Select(s => s.GetProperty("text").GetString()!)];
    }
}
