using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.RegularExpressions;
using Twite.Processes;

namespace Twite.Languages;

/// <summary>The Accounts service in another language in place of ours: the front end and the other services work with it and do not know.</summary>
public sealed class PythonAccountsTests
{
    private const string Password = "correct horse battery", Changed = "another horse battery";

    [Fact]
    public async Task The_network_works_with_accounts_in_Python()
    {
        await using var network = new Network();
        var url = $"http://{network.NewAddress()}";
        var addresses = new[] { "accounts", "messages", "follows", "notifications", "web" }.ToDictionary(s => s, _ => network.NewAddress());
        network.WriteTopology([.. addresses.Select(a => (a.Key,
            // It speaks HTTP/1.1.
            $"\"listen\": [\"https://{a.Value}{(a.Key == "accounts" ? "?http=1.1" : "")}\"]{(a.Key == "web" ? $", \"urls\": [\"{url}\"]" : "")}"))]);
        await network.MakeKeysAsync("bot");
        RunningProgram StartAccounts() => network.Start(Python.StartInfo(
            "accounts_service.py", "--certificates", Path.Combine(network.Keys, "accounts"), "--data", network.File("python"), "--listen", addresses["accounts"],
            "--messages", addresses["messages"], "--follows", addresses["follows"], "--notifications", addresses["notifications"]));
        var accounts = StartAccounts();
        var messages = await network.RunAsync("messages");
        await network.RunAsync("follows notifications web");
        await accounts.WaitForAsync("Ctrl-C stops it");
        using var http = new HttpClient { BaseAddress = new Uri(url) };
        var readiness = "";
        await Waiting.UntilAsync(async () => (readiness = await (await http.GetAsync("/readyz")).Content.ReadAsStringAsync()) == "ready\n", () => $"the front end is ready: {readiness}\n{network.Log}");

        using var ada = new Visitor(url);
        using var bob = new Visitor(url);
        await SignUpAsync(ada, bob, network);
        await PostAndFollowAsync(ada, bob, url, network);
        await SessionsAsync(ada, url, network);
        await TokensAsync(bob, http, network);
        // Who is away when an account is deleted is told later, also by a process that did not live to tell it.
        await messages.KillAsync();
        await DeleteAsync(ada, network);
        await accounts.WaitForAsync("messages was not told of event accounts-");
        await accounts.KillAsync();
        accounts = StartAccounts();
        await network.RunAsync("messages");
        await GoneAsync(bob, http, addresses["messages"], network);
        var bot = await Python.RunAsync("twite_client.py", Changed, "--accounts", addresses["accounts"], "--certificates", Path.Combine(network.Keys, "bot"), "post", "bob", "x");
        Assert.Contains("may not be called by you in that way. (PERMISSION_DENIED)", bot.Errors);
        Assert.Contains("bot may not call LogIn.", accounts.Log);
        Assert.Equal(0, await accounts.StopAsync());
        Assert.DoesNotContain("Traceback", accounts.Log);
        Assert.DoesNotContain(Password, accounts.Log);
    }

    private static async Task SignUpAsync(Visitor ada, Visitor bob, Network network)
    {
        // Which field is wrong is shown beside it.
        await SubmitAsync(ada, network, "/signup", "/signup", 422, "id=\"name-error\"", ("Name", "a-b"), ("password", Password));
        await SubmitAsync(ada, network, "/signup", "/signup", 422, "id=\"password-error\"", ("Name", "ada"), ("password", "password1"));
        await SubmitAsync(ada, network, "/signup", "/signup", 200, "", ("Name", "Ada"), ("password", Password));
        await SubmitAsync(bob, network, "/signup", "/signup", 422, "The name ada is taken.", ("Name", "ada"), ("password", Password));
        await SubmitAsync(bob, network, "/signup", "/signup", 200, "", ("Name", "bob"), ("password", Password));
    }

    private static async Task PostAndFollowAsync(Visitor ada, Visitor bob, string url, Network network)
    {
        await SubmitAsync(ada, network, "/compose", "/compose", 200, "", ("text", "Hello from Ada to @bob"));
        await SubmitAsync(bob, network, "/@Ada", "/follow", 200, "Unfollow");
        Assert.Contains("Hello from Ada", (await bob.GetAsync("/")).Text);
        // Notifications asks Accounts who is meant by @bob.
        await Waiting.UntilAsync(async () => (await bob.GetAsync("/notifications")).Text.Contains("Hello from Ada", StringComparison.Ordinal), () => $"Bob is told\n{network.Log}");
        Assert.Contains("/@Ada", (await bob.GetAsync("/search?q=ad")).Text);
        await SubmitAsync(ada, network, "/settings", "/settings", 422, "id=\"displayname-error\"", ("DisplayName", new string('x', 51)), ("Biography", ""));
        await SubmitAsync(ada, network, "/settings", "/settings", 200, "", ("DisplayName", "Ada Lovelace"), ("Biography", "Poetical science"));
        using var stranger = new Visitor(url);
        var profile = (await stranger.GetAsync("/@ada")).Text;
        Assert.Contains("Ada Lovelace", profile);
        Assert.Contains("Poetical science", profile);
    }

    private static async Task SessionsAsync(Visitor ada, string url, Network network)
    {
        using var elsewhere = new Visitor(url);
        await SubmitAsync(elsewhere, network, "/login", "/login", 422, "There is no account with this name and password.", ("Name", "ada"), ("password", "wrong horse battery"));
        await SubmitAsync(elsewhere, network, "/login", "/login", 422, "There is no account with this name and password.", ("Name", "nobody_here"), ("password", Password));
        await SubmitAsync(elsewhere, network, "/login", "/login", 200, "", ("Name", "ADA"), ("password", Password));
        Assert.Contains("Ada Lovelace", (await elsewhere.GetAsync("/settings")).Text);

        // A new password ends all sessions but this one.
        await SubmitAsync(ada, network, "/settings/password", "/settings/password", 422, "id=\"current-error\"", ("current", "wrong horse battery"), ("replacement", Changed));
        await SubmitAsync(ada, network, "/settings/password", "/settings/password", 200, "", ("current", Password), ("replacement", Changed));
        Assert.Contains("Log in", (await elsewhere.GetAsync("/settings")).Text);
        Assert.Contains("Ada Lovelace", (await ada.GetAsync("/settings")).Text);

        // One that is ended from the list is ended.
        await SubmitAsync(elsewhere, network, "/login", "/login", 200, "", ("Name", "ada"), ("password", Changed));
        await SubmitAsync(ada, network, "/settings/sessions", "/settings/sessions", 200, "this one");
        Assert.Contains("name=\"password\"", (await elsewhere.GetAsync("/settings")).Text);
        await SubmitAsync(elsewhere, network, "/login", "/login", 200, "", ("Name", "ada"), ("password", Changed));
        await SubmitAsync(elsewhere, network, "/settings", "/logout", 200, "");
        Assert.Contains("name=\"password\"", (await elsewhere.GetAsync("/settings")).Text);
    }

    private static async Task TokensAsync(Visitor bob, HttpClient http, Network network)
    {
        var page = await SubmitAsync(bob, network, "/settings/tokens", "/settings/tokens", 200, "not shown again", ("label", "a program"));
        var token = Regex.Match(page, "<code class=\"secret\">([^<]+)</code>").Groups[1].Value;
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/accounts/verify_credentials") { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
        using var reply = await http.SendAsync(request);
        using var account = JsonDocument.Parse(await reply.Content.ReadAsStringAsync());
        Assert.Equal("bob", account.RootElement.GetProperty("username").GetString());
        using var forged = new HttpRequestMessage(HttpMethod.Get, "/api/v1/accounts/verify_credentials") { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", new string('A', 43)) } };
        using var refused = await http.SendAsync(forged);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
    }

    private static async Task DeleteAsync(Visitor ada, Network network)
    {
        await SubmitAsync(ada, network, "/settings/delete", "/settings/delete", 422, "id=\"password-error\"", ("password", "wrong horse battery"));
        await ada.SubmitAsync("/settings/delete", "/settings/delete", ("password", Changed));
    }

    private static async Task GoneAsync(Visitor bob, HttpClient http, string messages, Network network)
    {
        // The event reached Messages itself: what she wrote is gone there, and not only left out by a front end that knows no author of it.
        await Waiting.UntilAsync(
            async () => await Python.RunAsync("twite_client.py", "", "--messages", messages, "--certificates", Path.Combine(network.Keys, "bot"), "timeline") is (0, "", _),
            () => $"her messages are gone\n{network.Log}");
        Assert.Equal(HttpStatusCode.NotFound, (await bob.GetAsync("/@ada")).Status);
        using var again = new Visitor(http.BaseAddress!.ToString());
        await SubmitAsync(again, network, "/signup", "/signup", 422, "The name ada is taken.", ("Name", "ada"), ("password", Password));
    }

    private static async Task<string> SubmitAsync(
        Visitor visitor, Network network, string page, string action, int status, string shown, params (string Name, string Value)[] fields)
    {
        var (answered, text) = await visitor.SubmitAsync(page, action, fields);
        Assert.True((int)answered == status && text.Contains(shown, StringComparison.Ordinal), $"{action}: {answered}, wanted {status} with \"{shown}\"\n{text}\n{network.Log}");
        return text;
    }
}
