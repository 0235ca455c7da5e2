using System.Net;
using Grpc.Core;
using Twite.Web.Tests.Api;

namespace Twite.Web.Tests.Pages;

/// <summary>What people see when something does not work.</summary>
public sealed class FailureTests(ApiNetwork network) : IClassFixture<ApiNetwork>
{
    private static readonly RpcException Away = new(new Status(StatusCode.Unavailable, "internal: 10.0.0.7 refused the connection"));

    [Fact]
    public async Task While_messages_are_away_a_post_keeps_its_text_and_its_key()
    {
        var (browser, _) = await Browser.SignUpAsync(network);
        using var failing = network.Probe.Fail("Post", Away);
        var response = await browser.SubmitAsync("/", "/compose", ("text", "do not lose this"), ("key", "keepme1"));
        var page = await response.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Contains("do not lose this</textarea>", page);
        Assert.Contains("value=\"keepme1\"", page);
    }

    [Fact]
    public async Task While_accounts_are_away_a_post_keeps_its_text()
    {
        var (browser, _) = await Browser.SignUpAsync(network);
        var token = (await browser.ReadAsync("/")).Split("__RequestVerificationToken\" type=\"hidden\" value=\"")[1].Split('"')[0];
        using var failing = network.Probe.Fail("VerifySession", Away);
        var response = await browser.PostAsync("/compose", ("text", "do not lose this"), ("key", "k1"), ("__RequestVerificationToken", token));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Contains("do not lose this</textarea>", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_message_survives_logging_in_in_another_tab()
    {
        var (browser, _) = await Browser.SignUpAsync(network);
        var token = (await browser.ReadAsync("/")).Split("__RequestVerificationToken\" type=\"hidden\" value=\"")[1].Split('"')[0];
        browser.Cookies["__Host-session"] = (await Browser.SignUpAsync(network)).Browser.Cookies["__Host-session"];
        var response = await browser.PostAsync("/compose", ("text", "do not lose this"), ("key", "k1"), ("__RequestVerificationToken", token));
        Assert.Contains("do not lose this</textarea>", await response.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("/", "ListByAuthors", "Messages do not answer")]
    [InlineData("/", "ListFollowingIds", "Follows do not answer")]
    [InlineData("/public", "ListPublic", "Messages do not answer")]
    [InlineData("/notifications", "ListNotifications", "Notifications do not answer")]
    public async Task A_page_says_which_service_is_missing(string path, string method, string sentence)
    {
        var (browser, _) = await Browser.SignUpAsync(network);
        using var failing = network.Probe.Fail(method, Away);
        var response = await browser.GetAsync(path);
        var page = await response.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Contains(sentence, page);
        Assert.DoesNotContain("10.0.0.7", page);
    }

    [Fact]
    public async Task While_accounts_are_away_the_public_timeline_is_there()
    {
        var (browser, _) = await Browser.SignUpAsync(network);
        using var session = network.Probe.Fail("VerifySession", Away);
        using var names = network.Probe.Fail("ListAccounts", Away);
        var response = await browser.GetAsync("/public");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains("does not know who you are", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task While_accounts_are_away_nobody_is_logged_out()
    {
        var (browser, _) = await Browser.SignUpAsync(network);
        using (network.Probe.Fail("VerifySession", Away))
        {
            await browser.GetAsync("/");
        }
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/settings")).StatusCode);
    }

    [Fact]
    public async Task Without_notifications_the_home_timeline_is_whole()
    {
        var (browser, _) = await Browser.SignUpAsync(network);
        using var failing = network.Probe.Fail("ListNotifications", Away);
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/")).StatusCode);
    }

    [Fact]
    public async Task A_bug_shows_nothing_of_itself()
    {
        using var failing = network.Probe.Fail("LookUpAccount", new InvalidOperationException("the secret of the bug"));
        using var browser = new Browser(network.Url);
        var response = await browser.GetAsync("/@somebody");
        var page = await response.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.DoesNotContain("secret of the bug", page);
        Assert.DoesNotContain("   at ", page);
    }

    [Fact]
    public async Task Too_much_says_when_to_try_again()
    {
        using var failing = network.Probe.Fail("LogIn", Anywire.RpcErrors.TooMany("Too many attempts. Try again in 3 minutes.", TimeSpan.FromMinutes(3)));
        using var browser = new Browser(network.Url);
        var response = await browser.SubmitAsync("/login", "/login", ("Name", "somebody"), ("password", "something"));
        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
        Assert.Equal(TimeSpan.FromMinutes(3), response.Headers.RetryAfter?.Delta);
        Assert.Contains("Try again in 3 minutes.", await response.Content.ReadAsStringAsync());
    }
}
