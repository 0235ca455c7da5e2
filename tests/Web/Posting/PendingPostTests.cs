using System.Net;
using Anywire;
using Anywire.InProcess;
using Anywire.Tests;
using Grpc.Core;
using Microsoft.Extensions.Time.Testing;
using Twite.Contracts;
using Twite.Web.Tests.Api;
using Twite.Web.Tests.Pages;

namespace Twite.Web.Tests.Posting;

/// <summary>What is said while Messages is away, over a wire that holds it.</summary>
public sealed class PendingPostTests : IAsyncLifetime
{
    private const string Waiting = "Waiting to be posted";

    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());
    private readonly HoldingTransport _wire = new(new InProcessTransport(), nameof(MessagesService.MessagesServiceClient.Submit));
    private readonly ApiNetwork _network;
    private Browser _browser = null!;
    private Account _account = null!;

    public PendingPostTests() => (_wire.Time, _network) = (_time, new ApiNetwork(_wire, _time));

    public async ValueTask InitializeAsync()
    {
        await _network.InitializeAsync();
        (_browser, _account) = await Browser.SignUpAsync(_network);
    }

    public async ValueTask DisposeAsync()
    {
        _browser.Dispose();
        await _network.DisposeAsync();
    }

    [Fact]
    public async Task Waits_on_the_author_s_pages_until_it_is_posted_and_is_there_once()
    {
        await _network.TakeMessagesAwayAsync();
        var response = await SayAsync("  said <while> you were out\n", "key1");
        Assert.Equal((HttpStatusCode.Redirect, "/"), (response.StatusCode, response.Headers.Location?.OriginalString));
        foreach (var page in new[] { "/", "/@" + _account.Name, "/compose" })
        {
            var html = await _browser.ReadAsync(page);
            Assert.Contains(Waiting, html);
            Assert.Contains("<p class=\"text\" dir=\"auto\">said &lt;while&gt; you were out</p>", html);
        }

        var (_, other) = await Browser.SignUpAsync(_network);
        Assert.DoesNotContain(Waiting, await _browser.ReadAsync("/@" + other.Name));

        await _network.BringMessagesBackAsync();
        Assert.Contains(Waiting, await _browser.ReadAsync("/"));
        await _wire.DeliverAsync(times: 2);
        var home = await _browser.ReadAsync("/");
        Assert.DoesNotContain(Waiting, home);
        Assert.Contains("Your message that waited has been posted.", home);
        Assert.Equal(2, home.Split("said &lt;while&gt; you were out").Length);
        Assert.DoesNotContain("__Host-pending", _browser.Cookies.Keys);
        Assert.DoesNotContain("has been posted", await _browser.ReadAsync("/"));
    }

    [Fact]
    public async Task Sent_again_it_waits_once_and_what_was_posted_meanwhile_is_once()
    {
        using (_network.Probe.Fail("Post", new RpcException(new Status(StatusCode.DeadlineExceeded, "too slow"))))
        {
            await SayAsync("twice", "key1");
            await SayAsync("twice", "key1");
        }
        Assert.Equal(2, (await _browser.ReadAsync("/")).Split("twice").Length);
        await SayAsync("twice", "key1");
        await _wire.DeliverAsync();
        var home = await _browser.ReadAsync("/");
        Assert.DoesNotContain(Waiting, home);
        Assert.Equal(2, home.Split("twice").Length);
    }

    [Fact]
    public async Task A_text_that_breaks_a_rule_is_refused_at_once_and_nothing_is_handed_over()
    {
        await _network.TakeMessagesAwayAsync();
        var response = await SayAsync(new string('x', 142), "key1");
        var page = await response.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
        Assert.Contains("this one has 142.", page);
        Assert.Contains(new string('x', 142), page);
        Assert.Empty(_wire.Held);
    }

    [Fact]
    public async Task When_the_wire_does_not_take_it_either_the_text_is_kept()
    {
        _wire.Refusal = NotExecuted.Because("unreachable", "The broker is away.");
        await _network.TakeMessagesAwayAsync();
        var response = await SayAsync("do not lose this", "keepme1");
        var page = await response.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Contains("do not lose this</textarea>", page);
        Assert.Contains("value=\"keepme1\"", page);
        Assert.DoesNotContain("__Host-pending", _browser.Cookies.Keys);
    }

    [Fact]
    public async Task A_message_that_Messages_refuses_is_not_handed_over()
    {
        using var refusing = _network.Probe.Fail("Post", new RpcException(new Status(StatusCode.PermissionDenied, "This account is suspended.")));
        Assert.Equal(HttpStatusCode.Forbidden, (await SayAsync("x", "key1")).StatusCode);
        Assert.Empty(_wire.Held);
    }

    [Fact]
    public async Task After_a_day_the_author_is_told_and_gets_the_text_back_with_its_key()
    {
        await LoseAsync("lost <finch>", "key1");
        _time.Advance(TimeSpan.FromHours(25));
        var home = await _browser.ReadAsync("/");
        Assert.Contains("Not posted", home);
        Assert.DoesNotContain(Waiting, home);
        var form = await _browser.ReadAsync("/compose?again=key1");
        Assert.Contains("lost &lt;finch&gt;</textarea>", form);
        Assert.Contains("name=\"key\" value=\"key1\"", form);

        await SayAsync("lost <finch>", "key1");
        home = await _browser.ReadAsync("/");
        Assert.DoesNotContain("Not posted", home);
        Assert.Equal(2, home.Split("lost &lt;finch&gt;").Length);
        Assert.DoesNotContain("__Host-pending", _browser.Cookies.Keys);
    }

    [Fact]
    public async Task While_Messages_is_away_nothing_is_said_to_be_lost()
    {
        await _network.TakeMessagesAwayAsync();
        await SayAsync("patience", "key1");
        _time.Advance(TimeSpan.FromHours(25));
        var home = await _browser.ReadAsync("/");
        Assert.Contains(Waiting, home);
        Assert.DoesNotContain("Not posted", home);
    }

    [Fact]
    public async Task After_more_than_a_week_nobody_claims_to_know()
    {
        await LoseAsync("long ago", "key1");
        _time.Advance(TimeSpan.FromDays(8));
        Assert.Contains("Perhaps not posted", await _browser.ReadAsync("/"));
    }

    [Fact]
    public async Task What_was_not_posted_can_be_let_go()
    {
        await LoseAsync("one", "key1");
        await LoseAsync("two", "key2");
        _time.Advance(TimeSpan.FromHours(25));
        await _browser.SubmitAsync("/", "/compose?handler=Discard", ("key", "key1"));
        Assert.Null(PendingTextIn(await _browser.ReadAsync("/"), "one"));
        Assert.NotNull(PendingTextIn(await _browser.ReadAsync("/"), "two"));
    }

    [Fact]
    public async Task A_cookie_says_nothing_in_another_s_hands_nor_when_it_was_changed()
    {
        await _network.TakeMessagesAwayAsync();
        await SayAsync("for my eyes", "key1");
        var cookie = _browser.Cookies["__Host-pending"];
        var (other, _) = await Browser.SignUpAsync(_network);
        foreach (var value in new[] { cookie, "x", "!", cookie[..^4] + "AAAA" })
        {
            other.Cookies["__Host-pending"] = value;
            Assert.DoesNotContain(Waiting, await other.ReadAsync("/"));
        }
        _browser.Cookies["__Host-pending"] = cookie[..^4] + "AAAA";
        Assert.DoesNotContain(Waiting, await _browser.ReadAsync("/"));
    }

    [Fact]
    public async Task The_cookie_is_for_this_host_alone_and_what_it_holds_is_bounded()
    {
        await _network.TakeMessagesAwayAsync();
        HttpResponseMessage response = null!;
        // Of one character with many accents each: the most bytes that a message may have.
        for (var i = 0; i < 8; i++)
        {
            response = await SayAsync($"{i}" + new string('\u0300', 499), $"large{i}");
        }
        var set = Assert.Single(response.Headers.GetValues("Set-Cookie"), c => c.StartsWith("__Host-pending=", StringComparison.Ordinal));
        Assert.InRange(set.Length, 1, 4096);
        Assert.Equal(["httponly", "path=/", "samesite=lax", "secure"], set.Split("; ").Skip(1).Where(a => !a.Contains('=') || a[0] is 'p' or 's').Order());
        Assert.Equal(8, _wire.Held.Count);
        var home = await _browser.ReadAsync("/");
        Assert.NotNull(PendingTextIn(home, "7"));
        Assert.Null(PendingTextIn(home, "0"));

        for (var i = 0; i < 8; i++)
        {
            await SayAsync($"small {i}", $"small{i}");
        }
        home = await _browser.ReadAsync("/");
        Assert.Equal(["small 3", "small 4", "small 5", "small 6", "small 7"], Enumerable.Range(0, 8).Select(i => $"small {i}").Where(text => PendingTextIn(home, text) is not null));
    }

    [Fact]
    public async Task A_page_asks_after_it_only_while_something_waits()
    {
        _network.Probe.Forget();
        await _browser.GetAsync("/");
        Assert.DoesNotContain("FindPosted", _network.Probe.Calls);
    }

    [Fact]
    public async Task A_program_is_told_to_come_again_and_nothing_is_kept_for_it()
    {
        var person = await _network.SignUpAsync();
        await _network.TakeMessagesAwayAsync();
        var response = await person.Http.PostAsync("/api/v1/statuses", new FormUrlEncodedContent([KeyValuePair.Create("status", "hello")]));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.NotNull(response.Headers.RetryAfter);
        Assert.Empty(_wire.Held);
    }

    private Task<HttpResponseMessage> SayAsync(string text, string key) => _browser.SubmitAsync("/settings", "/compose", ("text", text), ("key", key));

    // Handed over, and never delivered.
    private async Task LoseAsync(string text, string key)
    {
        using var failing = _network.Probe.Fail("Post", NotExecuted.Because("unreachable", "Messages is away."));
        await SayAsync(text, key);
    }

    private static string? PendingTextIn(string html, string start) =>
        html.Split("<p class=\"text\" dir=\"auto\">").Skip(1).FirstOrDefault(part => part.StartsWith(start, StringComparison.Ordinal));
}
