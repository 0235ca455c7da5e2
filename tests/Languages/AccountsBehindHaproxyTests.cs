using System.Net;
using System.Text;
using Twite.Faults;
using Twite.Processes;

namespace Twite.Languages;

/// <summary>Stock haproxy before two accounts services, as the guide has it: TLS from end to end, one may die. And before messages, for operators
/// with a certificate.</summary>
public sealed class AccountsBehindHaproxyTests
{
    private const string Password = "correct horse battery";

    [Fact(Skip = LongForm.WhyNot, SkipUnless = nameof(LongForm.IsRequested), SkipType = typeof(LongForm))]
    public async Task Two_replicas_are_one_service()
    {
        await using var network = new Network();
        var proxy = await AccountsProxy.StartAsync(network, "?http=1.1");
        // The replicas share a file, which the service in Python allows.
        RunningProgram StartAccounts(string listen) => network.Start(Python.StartInfo(
            "accounts_service.py", "--certificates", Path.Combine(network.Keys, "accounts"), "--data", network.File("python"), "--listen", listen,
            "--messages", proxy.Messages, "--follows", proxy.Follows, "--notifications", proxy.Notifications));
        var first = StartAccounts(proxy.One);
        await first.WaitForAsync("Ctrl-C stops it");
        await network.RunAsync("messages follows notifications web");

        using var ada = new Visitor(proxy.Url);
        await UntilLoggedInAsync(ada, "/signup", network);
        await FailoverAsync(first, ada, () => StartAccounts(proxy.Two), network);
        await OperatorsAsync(proxy.Operators, proxy.Site, proxy.Oscar);
    }

    private static async Task FailoverAsync(RunningProgram first, Visitor ada, Func<RunningProgram> startSecond, Network network)
    {
        var second = startSecond();
        await second.WaitForAsync("Ctrl-C stops it");
        await first.KillAsync();
        // The session that the first gave is known to the second.
        await Waiting.UntilAsync(async () => (await ada.GetAsync("/settings")) is (HttpStatusCode.OK, var page) && page.Contains("Logged in as", StringComparison.Ordinal),
            () => $"the second replica does the work\n{network.Log}");
        var (status, text) = await ada.SubmitAsync("/compose", "/compose", ("text", "By the second replica"));
        Assert.True(status == HttpStatusCode.OK && text.Contains("By the second replica", StringComparison.Ordinal), text);
        // Without any there is no log-in, and the proxy was what led to one: nobody went around it.
        Assert.Equal(0, await second.StopAsync());
        Assert.NotEqual(HttpStatusCode.OK, (await ada.GetAsync("/settings")).Status);
    }

    private static async Task OperatorsAsync(string operators, string site, string oscar)
    {
        var url = new Uri("https://localhost:" + operators.Split(':')[1]);
        using (var stranger = new HttpClient(Tls.Client(site)) { BaseAddress = url })
        {
            await Assert.ThrowsAnyAsync<HttpRequestException>(() => stranger.GetAsync("/v1/messages"));
        }
        using (var foreigner = new HttpClient(Tls.Client(site, certificate: site)) { BaseAddress = url })
        {
            await Assert.ThrowsAnyAsync<HttpRequestException>(() => foreigner.GetAsync("/v1/messages"));
        }
        using var http = new HttpClient(Tls.Client(site, certificate: oscar)) { BaseAddress = url };
        Assert.Contains("By the second replica", await http.GetStringAsync("/v1/messages"));
        Assert.Contains("\"openapi\"", await http.GetStringAsync("/openapi.json"));
        // To messages it is haproxy that calls, and haproxy may not post.
        using var body = new StringContent("{\"text\":\"x\",\"idempotencyKey\":\"1\"}", Encoding.UTF8, "application/json");
        Assert.Equal(HttpStatusCode.Forbidden, (await http.PostAsync("/v1/messages", body)).StatusCode);
    }

    // haproxy takes a second to notice that a service is there.
    private static Task UntilLoggedInAsync(Visitor visitor, string page, Network network) => Waiting.UntilAsync(async () =>
        (await visitor.GetAsync(page)).Status == HttpStatusCode.OK
            && (await visitor.SubmitAsync(page, page, ("Name", "ada"), ("password", Password))).Status == HttpStatusCode.OK,
        () => $"somebody signed up\n{network.Log}");
}
