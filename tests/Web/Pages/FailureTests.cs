using System.Net;
using System.Text.RegularExpressions;
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
        network.Probe.Forget();
        var response = await browser.SubmitAsync("/", "/compose", ("text", "do not lose this"), ("key", "keepme1"));
        var page = await response.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Contains("do not lose this</textarea>", page);
        Assert.Contains("value=\"keepme1\"", page);
        Assert.DoesNotContain("Submit", network.Probe.Calls);
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
    public async Task While_accounts_hang_live_streams_go_on_with_the_names_that_messages_carry()
    {
        var (author, account) = await Browser.SignUpAsync(network);
        var token = (await author.ReadAsync("/")).Split("__RequestVerificationToken\" type=\"hidden\" value=\"")[1].Split('"')[0];
        using var http = new HttpClient { BaseAddress = new Uri(network.Url) };
        using var reader = new StreamReader(await http.GetStreamAsync("/live/public"));
        await reader.ReadLineAsync();
        using var hanging = network.Probe.Hang("ListAccounts");
        await author.PostAsync("/compose", ("text", "said meanwhile"), ("key", "k1"), ("__RequestVerificationToken", token));
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var read = "";
        while (!read.Contains("said meanwhile</p>"))
        {
            read += await reader.ReadLineAsync(patience.Token) ?? throw new EndOfStreamException();
        }
        Assert.Contains($"display-name\">{account.Name}<", read);
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
    public async Task While_accounts_are_away_whoever_is_logged_in_is_shown_what_everybody_says_and_no_welcome()
    {
        var (browser, _) = await Browser.SignUpAsync(network);
        await browser.SubmitAsync("/", "/compose", ("text", "Said to everybody"), ("key", "everybody1"));
        using var session = network.Probe.Fail("VerifySession", Away);
        using var names = network.Probe.Fail("ListAccounts", Away);
        var response = await browser.GetAsync("/");
        var page = await response.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Contains("Said to everybody", page);
        Assert.DoesNotContain("href=\"/signup\"", page);
    }

    [Fact]
    public async Task While_accounts_are_away_a_profile_shows_what_its_person_says()
    {
        var (browser, account) = await Browser.SignUpAsync(network);
        await browser.SubmitAsync("/", "/compose", ("text", "Said by one of many"), ("key", "profile1"));
        using var session = network.Probe.Fail("VerifySession", Away);
        using var looking = network.Probe.Fail("LookUpAccount", Away);
        using var names = network.Probe.Fail("ListAccounts", Away);
        var response = await browser.GetAsync("/@" + account.Name);
        var page = await response.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Contains("Said by one of many", page);
        Assert.Single(Regex.Matches(page, "Accounts do not answer"));
    }

    [Theory]
    [InlineData("/@from:x")]
    [InlineData("/@one%20of%20many")]
    public async Task While_accounts_are_away_a_profile_shows_nobody_elses_messages(string path)
    {
        var (browser, _) = await Browser.SignUpAsync(network);
        await browser.SubmitAsync("/", "/compose", ("text", "one of many x"), ("key", "nobodyelse1"));
        using var looking = network.Probe.Fail("LookUpAccount", Away);
        var response = await browser.GetAsync(path);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.DoesNotContain("class=\"message\"", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task While_accounts_are_away_a_reply_can_be_typed()
    {
        var (browser, _) = await Browser.SignUpAsync(network);
        using var session = network.Probe.Fail("VerifySession", Away);
        var response = await browser.GetAsync("/compose?to=somebody");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains("@somebody </textarea>", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Without_follows_home_shows_what_everybody_says()
    {
        var (somebody, _) = await Browser.SignUpAsync(network);
        await somebody.SubmitAsync("/", "/compose", ("text", "Said by a person nobody follows"), ("key", "stranger1"));
        var (browser, _) = await Browser.SignUpAsync(network);
        using var failing = network.Probe.Fail("ListFollowingIds", Away);
        var page = await browser.ReadAsync("/");
        Assert.Contains("Said by a person nobody follows", page);
        Assert.Contains("data-stream=\"/live/public\"", page);
    }

    [Fact]
    public async Task Without_messages_a_mention_is_not_said_to_be_gone()
    {
        var (browser, account) = await Browser.SignUpAsync(network);
        var (somebody, _) = await Browser.SignUpAsync(network);
        await somebody.SubmitAsync("/", "/compose", ("text", $"Hello @{account.Name}"), ("key", "mention1"));
        await Network.Eventually.HoldsAsync(async () => (await browser.ReadAsync("/notifications")).Contains("mentioned you"));
        using var failing = network.Probe.Fail("ListByIds", Away);
        var page = await browser.ReadAsync("/notifications");
        Assert.Contains("mentioned you", page);
        Assert.Contains("Messages do not answer", page);
        Assert.DoesNotContain("not there any more", page);
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

    [Theory]
    [InlineData("/")]
    [InlineData("/public")]
    public async Task Without_notifications_a_timeline_says_that_it_is_late(string path)
    {
        var (browser, _) = await Browser.SignUpAsync(network);
        using var failing = network.Probe.Fail("ListNotifications", Away);
        Assert.Contains("Notifications do not answer", await browser.ReadAsync(path));
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/public")]
    public async Task A_count_that_takes_its_time_is_no_reason_for_a_warning(string path)
    {
        var (browser, _) = await Browser.SignUpAsync(network);
        using var failing = network.Probe.Fail("ListNotifications", new RpcException(new Status(StatusCode.DeadlineExceeded, "too slow")));
        Assert.DoesNotContain("do not answer", await browser.ReadAsync(path));
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
