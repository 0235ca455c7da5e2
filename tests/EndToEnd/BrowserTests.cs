using Microsoft.Playwright;
using Twite.Faults;

namespace Twite.EndToEnd;

/// <summary>What only a browser can tell: what it runs, keeps and shows.</summary>
public abstract class BrowserTests(VisitedNetwork network, Chromium chromium)
{
    private const string Markup = "<script>alert(1)</script><img src=x onerror=alert(2)><svg onload=alert(3)>\" onmouseover=\"alert(4)";

    [Fact]
    public async Task Markup_that_somebody_writes_is_shown_and_never_run()
    {
        await using var mallory = await chromium.OpenAsync(network);
        await using var reader = await chromium.OpenAsync(network);
        await mallory.SignUpAsync("mallory");
        await reader.Page.GotoAsync("/public");
        await reader.GoLiveAsync();

        await mallory.PostAsync(Markup);

        await Assertions.Expect(reader.Message(Markup)).ToBeVisibleAsync(new() { Timeout = 10_000 });
        Assert.Equal(0, await reader.Page.Locator(".text script, .text img, .text svg").CountAsync());
        Assert.Empty(mallory.Complaints.Concat(reader.Complaints));
    }

    [Fact]
    public async Task The_counter_counts_characters_as_people_do_and_one_too_many_cannot_be_sent()
    {
        await using var visitor = await chromium.OpenAsync(network);
        await visitor.SignUpAsync("counter");
        var (text, counter) = (visitor.Page.Locator("#compose-text"), visitor.Page.Locator("#compose-counter"));
        foreach (var (typed, left) in new[]
        {
            ("", "141 left"), ("hello", "136 left"), ("👩‍👩‍👧‍👦", "140 left"), ("e\u0301", "140 left"), ("नमस्ते", "138 left"), (new string('a', 142), "1 too many"),
        })
        {
            await text.FillAsync(typed);
            await Assertions.Expect(counter).ToHaveTextAsync(left);
        }
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Post", Exact = true })).ToBeDisabledAsync();
    }

    [Fact]
    public async Task What_was_sent_and_stopped_can_be_sent_again()
    {
        await using var visitor = await chromium.OpenAsync(network);
        await visitor.SignUpAsync("stopper");
        var held = new TaskCompletionSource();
        await visitor.Page.RouteAsync("**/compose", _ => held.TrySetResult());
        await visitor.Page.Locator("#compose-text").FillAsync("On the second try");
        var post = visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Post", Exact = true });
        // No click of Playwright's, which waits for where it leads.
        await post.EvaluateAsync("button => button.click()");
        await held.Task.WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System, TestContext.Current.CancellationToken);
        await visitor.Page.UnrouteAsync("**/compose");
        await visitor.Page.EvaluateAsync("() => window.stop()");

        await Assertions.Expect(visitor.Page.Locator("form[data-sent]")).ToHaveCountAsync(0, new() { Timeout = 10_000 });
        await post.ClickAsync();
        await Assertions.Expect(visitor.Message("On the second try")).ToBeVisibleAsync(new() { Timeout = 10_000 });
    }

    [Fact]
    public async Task The_session_is_kept_in_a_cookie_for_this_host_alone()
    {
        await using var visitor = await chromium.OpenAsync(network);
        await visitor.SignUpAsync("keeper");
        var cookie = Assert.Single(await visitor.Page.Context.CookiesAsync(), c => c.Name == "__Host-session");
        Assert.True(cookie is { Secure: true, HttpOnly: true, SameSite: SameSiteAttribute.Lax, Path: "/" });
    }

    [Fact]
    public async Task Logging_out_ends_it_and_logging_in_leads_back()
    {
        await using var visitor = await chromium.OpenAsync(network);
        await visitor.SignUpAsync("returner");
        await visitor.Page.GotoAsync("/settings");
        await visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Log out" }).ClickAsync();
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Main).GetByRole(AriaRole.Link, new() { Name = "Sign up" })).ToBeVisibleAsync();

        await visitor.Page.GotoAsync("/notifications");
        await visitor.Page.GetByLabel("Name").FillAsync("returner");
        await visitor.Page.GetByLabel("Password").FillAsync("a finch on a fence");
        await visitor.Page.GetByRole(AriaRole.Main).GetByRole(AriaRole.Button, new() { Name = "Log in" }).ClickAsync();
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Heading, new() { Name = "Notifications" })).ToBeVisibleAsync();
        Assert.Equal("/notifications", new Uri(visitor.Page.Url).PathAndQuery);
        Assert.Empty(visitor.Complaints);
    }

    [Fact]
    public async Task A_page_that_was_hidden_catches_up_when_it_is_seen_again()
    {
        await using var writer = await chromium.OpenAsync(network);
        await using var reader = await chromium.OpenAsync(network);
        await writer.SignUpAsync("catcher");
        await reader.Page.GotoAsync("/public");
        await reader.GoLiveAsync();
        await SetHiddenAsync(reader.Page, hidden: true);

        await writer.PostAsync("While you were away");
        await Assertions.Expect(reader.Message("While you were away")).ToHaveCountAsync(0);
        await SetHiddenAsync(reader.Page, hidden: false);

        await Assertions.Expect(reader.Message("While you were away")).ToHaveCountAsync(1, new() { Timeout = 10_000 });
    }

    [Fact]
    public async Task A_page_that_missed_more_than_its_stream_carries_loads_itself_anew()
    {
        await using var writer = await chromium.OpenAsync(network);
        await using var reader = await chromium.OpenAsync(network);
        await writer.SignUpAsync("prolific");
        await reader.Page.GotoAsync("/public");
        await reader.GoLiveAsync();
        await SetHiddenAsync(reader.Page, hidden: true);
        await writer.PostAsync("Passed over by the stream");
        await SkipAsync(reader.Page, await writer.NewestIdAsync());

        await SetHiddenAsync(reader.Page, hidden: false);

        await Assertions.Expect(reader.Message("Passed over by the stream")).ToHaveCountAsync(1, new() { Timeout = 10_000 });
        await reader.GoLiveAsync();
        Assert.Empty(reader.Complaints);
    }

    [Fact]
    public async Task What_somebody_is_writing_is_not_taken_from_them_when_the_stream_passed_over_something()
    {
        await using var writer = await chromium.OpenAsync(network);
        await writer.SignUpAsync("thinker");
        await writer.PostAsync("Written before");
        await writer.GoLiveAsync();
        var text = writer.Page.Locator("#compose-text");
        await text.FillAsync("Half a thou");
        await SetHiddenAsync(writer.Page, hidden: true);
        await SkipAsync(writer.Page, await writer.NewestIdAsync());
        await writer.Page.EvaluateAsync("() => { window.isStillHere = true; }");
        var streams = 0;
        await writer.Page.RunAndWaitForRequestAsync(
            () => SetHiddenAsync(writer.Page, hidden: false), request => IsStream(request) && ++streams == 2, new() { Timeout = 10_000 });

        // The second stream is that of the page, which waited a second, or already that of another in its place.
        Assert.True(await writer.Page.EvaluateAsync<bool>("() => window.isStillHere === true"));
        await Assertions.Expect(text).ToHaveValueAsync("Half a thou");
        await writer.GoLiveAsync();
    }

    private static bool IsStream(IRequest request) => new Uri(request.Url).AbsolutePath.StartsWith("/live/", StringComparison.Ordinal);

    // Once in the place of the network, which says so only to who missed thousands. The next time the browser asks the network again.
    private static Task SkipAsync(IPage page, string upToId) => page.RouteAsync(
        "**/live/*",
        route => route.FulfillAsync(new() { ContentType = "text/event-stream", Body = $"retry: 1000\nid: {upToId}\nevent: skipped\ndata: {upToId}\n\n" }),
        new() { Times = 1 });

    private static Task SetHiddenAsync(IPage page, bool hidden) => page.EvaluateAsync(
        "hidden => { Object.defineProperty(document, 'hidden', { value: hidden, configurable: true }); document.dispatchEvent(new Event('visibilitychange')); }",
        hidden);
}

public sealed class BrowserInOneProcess(OneProcess network, Chromium chromium) : BrowserTests(network, chromium);

public sealed class BrowserOverHttp(HttpProcesses network, Chromium chromium) : BrowserTests(LongForm.Only(network), chromium);

public sealed class BrowserOverGrpc(GrpcProcesses network, Chromium chromium) : BrowserTests(LongForm.Only(network), chromium);

public sealed class BrowserOverTcp(TcpProcesses network, Chromium chromium) : BrowserTests(LongForm.Only(network), chromium);

public sealed class BrowserOverSockets(SocketsProcesses network, Chromium chromium) : BrowserTests(LongForm.Only(network), chromium);

public sealed class BrowserOverQueue(QueueProcesses network, Chromium chromium) : BrowserTests(LongForm.Only(network), chromium);

public sealed class BrowserOverNats(NatsProcesses network, Chromium chromium) : BrowserTests(LongForm.Only(network), chromium);

public sealed class BrowserOverMixed(MixedProcesses network, Chromium chromium) : BrowserTests(LongForm.Only(network), chromium);
