using System.Net;
using Twite.Contracts;
using Twite.Web.Tests.Api;

namespace Twite.Web.Tests.Pages;

/// <summary>The pages over HTTP, without script.</summary>
public sealed class PageTests(ApiNetwork network) : IClassFixture<ApiNetwork>
{
    [Theory]
    [InlineData("/")]
    [InlineData("/public")]
    [InlineData("/login")]
    [InlineData("/signup")]
    [InlineData("/search")]
    [InlineData("/search?q=%22((*")]
    public async Task Strangers_see(string path) => Assert.Equal(HttpStatusCode.OK, (await Stranger().GetAsync(path)).StatusCode);

    [Theory]
    [InlineData("/compose", "/login?returnUrl=%2Fcompose")]
    [InlineData("/notifications", "/login?returnUrl=%2Fnotifications")]
    [InlineData("/settings", "/login?returnUrl=%2Fsettings")]
    [InlineData("/settings/sessions", "/login?returnUrl=%2Fsettings%2Fsessions")]
    [InlineData("/settings/tokens", "/login?returnUrl=%2Fsettings%2Ftokens")]
    [InlineData("/settings/password", "/login?returnUrl=%2Fsettings%2Fpassword")]
    [InlineData("/settings/delete", "/login?returnUrl=%2Fsettings%2Fdelete")]
    public async Task Strangers_are_sent_to_log_in(string path, string location) =>
        Assert.Equal(location, (await Stranger().GetAsync(path)).Headers.Location?.OriginalString);

    [Theory]
    [InlineData("/nothing/here")]
    [InlineData("/@nobody_of_that_name")]
    [InlineData("/@nobody/12345")]
    [InlineData("/error")]
    public async Task What_is_not_there_is_404_in_words(string path)
    {
        var response = await Stranger().GetAsync(path);
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Contains("<h1>Nothing here</h1>", await response.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("/@{0}")]
    [InlineData("/@{0}/followers")]
    [InlineData("/@{0}/12345")]
    public async Task A_name_that_is_longer_than_any_is_404(string path) =>
        Assert.Equal(HttpStatusCode.NotFound, (await Stranger().GetAsync(string.Format(path, new string('a', 300)))).StatusCode);

    [Fact]
    public async Task The_number_of_notifications_is_read_out_with_what_it_counts()
    {
        var (browser, account) = await Browser.SignUpAsync(network);
        Assert.Contains("hidden=\"hidden\">unread</span>", await browser.ReadAsync("/"));
        var (somebody, _) = await Browser.SignUpAsync(network);
        await somebody.SubmitAsync("/", "/compose", ("text", $"Hello @{account.Name}"), ("key", "mention1"));
        await Network.Eventually.HoldsAsync(async () => (await browser.ReadAsync("/")).Contains("data-count=\"1\""));
        var link = (await browser.ReadAsync("/public")).Split("href=\"/notifications\"")[1].Split("</a>")[0];
        Assert.EndsWith("1</span> <span class=\"visually-hidden\">unread</span>", link);
        Assert.DoesNotContain("aria-label", link);
    }

    [Fact]
    public async Task What_somebody_suspended_calls_and_says_of_themselves_is_hidden()
    {
        var (suspended, account) = await Browser.SignUpAsync(network);
        await suspended.SubmitAsync("/settings", "/settings", ("DisplayName", "Buy cheap pills"), ("Biography", "At pills.example"));
        var (reader, _) = await Browser.SignUpAsync(network);
        await reader.SubmitAsync("/@" + account.Name, "/follow", ("id", account.Id.ToString()), ("returnUrl", "/"));
        var list = $"/@{(await reader.ReadAsync("/settings")).Split("class=\"me\" href=\"/@")[1].Split('"')[0]}/following";
        Assert.Contains("Buy cheap pills", await reader.ReadAsync("/@" + account.Name));
        await network.Operator.SetSuspendedAsync(new SetSuspendedRequest { Id = account.Id, Suspended = true });
        foreach (var path in new[] { list, "/@" + account.Name })
        {
            var page = await reader.ReadAsync(path);
            Assert.Contains("@" + account.Name, page);
            Assert.DoesNotContain("pills", page);
        }
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/nothing/here")]
    public async Task Every_answer_forbids_foreign_script(string path)
    {
        var response = await Stranger().GetAsync(path);
        var policy = Assert.Single(response.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("default-src 'none'; script-src 'self'; style-src 'self'", policy);
        Assert.DoesNotContain("unsafe", policy);
        Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
    }

    [Fact]
    public async Task Signing_up_logs_in_with_a_cookie_for_this_host_alone()
    {
        using var browser = Stranger();
        var response = await browser.SubmitAsync("/signup", "/signup", ("Name", "newcomer"), ("password", "correct horse battery"));
        var cookie = Assert.Single(response.Headers.GetValues("Set-Cookie"), c => c.StartsWith("__Host-session=", StringComparison.Ordinal));
        Assert.Equal(["httponly", "path=/", "samesite=lax", "secure"], cookie.Split("; ").Skip(2).Order());
        Assert.Contains("@newcomer", await browser.ReadAsync("/"));
    }

    [Fact]
    public async Task A_refused_sign_up_says_why_and_keeps_the_name()
    {
        using var browser = Stranger();
        var response = await browser.SubmitAsync("/signup", "/signup", ("Name", "somebody_new"), ("password", "short"));
        var page = await response.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
        Assert.Contains("value=\"somebody_new\"", page);
        Assert.Contains("id=\"password-error\"", page);
    }

    [Fact]
    public async Task Logging_in_leads_nowhere_else()
    {
        var (_, account) = await Browser.SignUpAsync(network);
        using var browser = Stranger();
        var response = await browser.SubmitAsync(
            "/login", "/login", ("Name", account.Name), ("password", "correct horse battery"), ("ReturnUrl", "//evil.example"));
        Assert.Equal("/", response.Headers.Location?.OriginalString);
    }

    [Fact]
    public async Task Logging_out_ends_the_session()
    {
        var (browser, _) = await Browser.SignUpAsync(network);
        var token = browser.Cookies["__Host-session"];
        await browser.SubmitAsync("/settings", "/logout");
        browser.Cookies["__Host-session"] = token;
        Assert.Equal(HttpStatusCode.Redirect, (await browser.GetAsync("/settings")).StatusCode);
    }

    [Fact]
    public async Task A_form_that_is_sent_twice_posts_once()
    {
        var (browser, account) = await Browser.SignUpAsync(network);
        await browser.SubmitAsync("/", "/compose", ("text", "only once"), ("key", "samekey1"));
        await browser.SubmitAsync("/", "/compose", ("text", "only once"), ("key", "samekey1"));
        Assert.Equal(2, (await browser.ReadAsync("/@" + account.Name)).Split("only once").Length);
    }

    [Fact]
    public async Task What_is_too_long_comes_back_with_the_reason()
    {
        var (browser, _) = await Browser.SignUpAsync(network);
        var text = new string('x', 142);
        var response = await browser.SubmitAsync("/", "/compose", ("text", text), ("key", "k1"));
        var page = await response.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
        Assert.Contains(text, page);
        Assert.Contains("id=\"compose-error\"", page);
    }

    [Theory]
    [InlineData("/compose", "text")]
    [InlineData("/compose?handler=Discard", "key")]
    [InlineData("/follow", "id")]
    [InlineData("/unfollow", "id")]
    [InlineData("/logout", "x")]
    [InlineData("/login", "Name")]
    [InlineData("/signup", "Name")]
    [InlineData("/notifications", "upTo")]
    [InlineData("/settings", "DisplayName")]
    [InlineData("/settings/password", "current")]
    [InlineData("/settings/sessions", "id")]
    [InlineData("/settings/tokens", "label")]
    [InlineData("/settings/tokens?handler=End", "id")]
    [InlineData("/settings/delete", "password")]
    public async Task A_form_without_its_token_does_nothing(string path, string field)
    {
        var (browser, _) = await Browser.SignUpAsync(network);
        network.Probe.Forget();
        var response = await browser.PostAsync(path, (field, "1"));
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.DoesNotContain(network.Probe.Calls, call => call is not "VerifySession");
    }

    [Fact]
    public async Task A_token_of_one_session_is_worth_nothing_in_another()
    {
        var (mine, _) = await Browser.SignUpAsync(network);
        await mine.GetAsync("/");
        var (theirs, _) = await Browser.SignUpAsync(network);
        mine.Cookies["__Host-session"] = theirs.Cookies["__Host-session"];
        var form = await mine.ReadAsync("/settings");
        mine.Cookies["__Host-session"] = (await Browser.SignUpAsync(network)).Browser.Cookies["__Host-session"];
        var token = form.Split("__RequestVerificationToken\" type=\"hidden\" value=\"")[1].Split('"')[0];
        Assert.Equal(HttpStatusCode.BadRequest, (await mine.PostAsync("/settings", ("DisplayName", "x"), ("__RequestVerificationToken", token))).StatusCode);
    }

    [Fact]
    public async Task Another_s_message_cannot_be_deleted()
    {
        var (author, account) = await Browser.SignUpAsync(network);
        await author.SubmitAsync("/", "/compose", ("text", "mine"), ("key", "k1"));
        var id = (await author.ReadAsync("/@" + account.Name)).Split("data-id=\"")[1].Split('"')[0];
        var (other, _) = await Browser.SignUpAsync(network);
        Assert.Equal(HttpStatusCode.Forbidden, (await other.SubmitAsync("/settings", $"/@{account.Name}/{id}")).StatusCode);
    }

    [Fact]
    public async Task Following_shows_what_they_say_and_unfollowing_does_not()
    {
        var (author, account) = await Browser.SignUpAsync(network);
        await author.SubmitAsync("/", "/compose", ("text", "hear me"), ("key", "k1"));
        var (reader, _) = await Browser.SignUpAsync(network);
        await reader.SubmitAsync("/@" + account.Name, "/follow", ("id", account.Id.ToString()), ("returnUrl", "/"));
        Assert.Contains("hear me", await reader.ReadAsync("/"));
        await reader.SubmitAsync("/@" + account.Name, "/unfollow", ("id", account.Id.ToString()), ("returnUrl", "/"));
        Assert.DoesNotContain("hear me", await reader.ReadAsync("/"));
    }

    [Fact]
    public async Task Older_messages_are_a_page_further_and_none_is_missing()
    {
        var (browser, account) = await Browser.SignUpAsync(network);
        for (var i = 0; i < 35; i++)
        {
            await browser.SubmitAsync("/settings", "/compose", ("text", $"number {i};"), ("key", $"k{i}"));
        }
        var first = await browser.ReadAsync("/@" + account.Name);
        var older = first.Split("rel=\"next\" href=\"")[1].Split('"')[0];
        var both = first + await browser.ReadAsync(WebUtility.HtmlDecode(older));
        Assert.All(Enumerable.Range(0, 35), i => Assert.Contains($"number {i};", both));
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/public")]
    [InlineData("/@{name}")]
    [InlineData("/@{name}/followers")]
    [InlineData("/@{name}/following")]
    [InlineData("/search?q=hello")]
    [InlineData("/notifications")]
    [InlineData("/settings/sessions")]
    public async Task A_page_makes_at_most_five_calls(string path)
    {
        var (one, author) = await Browser.SignUpAsync(network);
        await one.SubmitAsync("/settings", "/compose", ("text", "hello"), ("key", "k1"));
        var (reader, _) = await Browser.SignUpAsync(network);
        await reader.SubmitAsync("/@" + author.Name, "/follow", ("id", author.Id.ToString()), ("returnUrl", "/"));
        network.Probe.Forget();
        Assert.Equal(HttpStatusCode.OK, (await reader.GetAsync(path.Replace("{name}", author.Name))).StatusCode);
        Assert.InRange(network.Probe.Calls.Count, 1, 5);
    }

    [Fact]
    public async Task A_body_beyond_the_limit_is_refused()
    {
        var (browser, _) = await Browser.SignUpAsync(network);
        var response = await browser.SubmitAsync("/", "/compose", ("text", new string('x', 70_000)), ("key", "k1"));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
    }

    [Fact]
    public async Task Assets_are_kept_for_good_by_their_version()
    {
        var url = (await Stranger().ReadAsync("/login")).Split("<link rel=\"stylesheet\" href=\"")[1].Split('"')[0];
        var response = await Stranger().GetAsync(url);
        Assert.Equal("public, max-age=31536000, immutable", response.Headers.CacheControl?.ToString());
    }

    [Fact]
    public async Task A_live_stream_carries_the_fragment_that_the_page_shows()
    {
        var (author, _) = await Browser.SignUpAsync(network);
        using var http = new HttpClient { BaseAddress = new Uri(network.Url) };
        using var stream = await http.GetStreamAsync("/live/public");
        using var reader = new StreamReader(stream);
        await reader.ReadLineAsync();
        await author.SubmitAsync("/", "/compose", ("text", "<live> & well"), ("key", "k1"));
        var read = new List<string>();
        while (read.LastOrDefault()?.EndsWith("well</p>", StringComparison.Ordinal) != true)
        {
            read.Add(await reader.ReadLineAsync(new CancellationTokenSource(TimeSpan.FromSeconds(20)).Token) ?? throw new EndOfStreamException());
        }
        Assert.Contains("event: posted", read);
        Assert.Contains("<p class=\"text\" dir=\"auto\">&lt;live&gt; &amp; well</p>", string.Join('\n', read));
    }

    private Browser Stranger() => new(network.Url);
}
