using System.Net;
using Twite.Processes;

namespace Twite.Languages;

/// <summary>A client in another language over TCP, by the page about its wire format: it calls beside the front end.</summary>
public sealed class PythonTcpTests
{
    private const string Password = "correct horse battery";

    [Fact]
    public async Task A_script_logs_in_and_verifies_its_session_and_is_refused_in_words()
    {
        await using var network = new Network();
        var url = $"http://{network.NewAddress()}";
        var addresses = PlaceAll(network, url);
        await network.MakeKeysAsync("bot");
        var program = await network.RunAsync("accounts");
        await network.RunAsync("messages follows notifications web");
        using var visitor = new Visitor(url);
        var (status, page) = await visitor.SubmitAsync("/signup", "/signup", ("Name", "ada"), ("password", Password));
        Assert.True(status == HttpStatusCode.OK, $"{page}\n{network.Log}");

        string Of(string name) => Path.Combine(network.Keys, name);
        Task<(int ExitCode, string Output, string Errors)> RunAsync(string certificates, string password, params string[] arguments) => Python.RunAsync(
            "twite_tcp_client.py", password, ["--accounts", addresses["accounts"], "--certificates", certificates, .. arguments]);

        var verified = await RunAsync(Of("web"), Password, "ada");
        Assert.True(verified.ExitCode == 0, verified.Errors);
        Assert.Equal("The session is ada's.\n", verified.Output);
        Assert.Contains("twite_tcp_client.py", (await visitor.GetAsync("/settings/sessions")).Text);

        await RefusedAsync(RunAsync(Of("web"), "wrong horse battery", "ada"), "There is no account with this name and password. Check both. (UNAUTHENTICATED)");
        await RefusedAsync(RunAsync(Of("web"), "", "--token", "nonsense"), "(UNAUTHENTICATED)");
        await RefusedAsync(RunAsync(Of("web"), "", "--token", "nonsense", "--timeout", "0.00001"), "accounts did not answer within 1e-05 s. (DEADLINE_EXCEEDED)");
        await RefusedAsync(RunAsync(Of("bot"), Password, "ada"), "may not be called by you in that way. (PERMISSION_DENIED)");
        await RefusedAsync(RunAsync(Of("nobody"), Password, "ada"), "The certificate is missing", "twite keys issue nobody");
        await RefusedAsync(RunAsync(await network.MakeForeignWebAsync(), Password, "ada"), "no certificate that they believe", "(UNAVAILABLE)");
        await RefusedAsync(
            Python.RunAsync("twite_tcp_client.py", Password, "--accounts", addresses["messages"], "--certificates", Of("web"), "ada"), "its certificate is not that of \"accounts\"");
        Assert.Equal(0, await program.StopAsync());
        await RefusedAsync(RunAsync(Of("web"), "", "--token", "nonsense"), "cannot be reached", "(UNAVAILABLE)");
    }

    [Fact]
    public async Task Parts_refusals_pings_and_the_end_are_as_the_page_says()
    {
        await using var network = new Network();
        var addresses = PlaceAll(network, $"http://{network.NewAddress()}");
        await network.MakeKeysAsync("bot", "admin");
        var program = await network.RunAsync("accounts");
        var script = network.Start(Python.StartInfo(Python.Script("tcp_calls.py"), addresses["accounts"], network.Keys));
        await script.WaitForAsync("waits");
        Assert.Equal(0, await program.StopAsync());
        await Waiting.UntilAsync(() => script.HasEnded && script.Log.Contains("told: ", StringComparison.Ordinal), () => $"the script has ended\n{script.Log}");
        Assert.Equal(
            """
            created: 1000
            listed: (True, 'crowd_0499')
            request in parts, too large: RESOURCE_EXHAUSTED: The request of /twite.v1.AccountsService/LookUpAccount has 32,760 bytes or more; at most 256 are allowed.
            on the same connection: crowd_0007
            unknown method: UNIMPLEMENTED: There is no method /twite.v1.AccountsService/Nothing here.
            a handler's detail: NOT_FOUND: There is no such account, or no longer.
            without metadata: UNAUTHENTICATED: Log in first: this call acts for a person and no proof of who it is came with it.
            with metadata: UNAUTHENTICATED: The proof of who is calling is not valid, or no longer.
            ping: 11 b'\x01\x02\xff'
            no time left: 6 b'\x04\x00KThe deadline had passed before the call could be handled; nothing was done.\x00\x00'
            large frame: 12 b'it announced a frame of 32,769 bytes, and at most 32,768 are allowed'
            hello: b''
            hello: b''
            hello: b''
            waits
            told: the service is shutting down
            """, script.Log);
        // It left when it was told to.
        Assert.DoesNotContain("with calls still open", program.Log);
    }

    [Fact]
    public async Task Its_bytes_are_those_of_the_page()
    {
        var run = await Python.RunAsync(Python.Script("test_tcp.py"), "");
        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.EndsWith("OK\n", run.Errors);
    }

    [Fact]
    public async Task It_explains_itself()
    {
        var help = await Python.RunAsync("twite_tcp_client.py", "", "--help");
        Assert.Equal(0, help.ExitCode);
        Assert.Contains("twite_tcp_client.py --certificates data/keys/web ada", help.Output);
        Assert.Equal(2, (await Python.RunAsync("twite_tcp_client.py", "", "--certificates", "keys")).ExitCode);
    }

    private static Dictionary<string, string> PlaceAll(Network network, string url)
    {
        var addresses = new[] { "accounts", "messages", "follows", "notifications", "web" }.ToDictionary(s => s, _ => network.NewAddress());
        network.WriteTopology([.. addresses.Select(a => (a.Key, $"\"listen\": [\"tcps://{a.Value}\"]{(a.Key == "web" ? $", \"urls\": [\"{url}\"]" : "")}"))]);
        return addresses;
    }

    private static async Task RefusedAsync(Task<(int ExitCode, string Output, string Errors)> run, params string[] said)
    {
        var (exitCode, _, errors) = await run;
        Assert.True(exitCode == 1, errors);
        Assert.DoesNotContain("Traceback", errors);
        Assert.All(said, s => Assert.Contains(s, errors));
    }
}
