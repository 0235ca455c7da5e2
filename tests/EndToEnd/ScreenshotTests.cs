using Microsoft.Playwright;

namespace Twite.EndToEnd;

/// <summary>Pictures of the pages for people to look at: <c>TWITE_SCREENSHOTS=DIR ./test EndToEnd</c>. Of a network that runs
/// elsewhere with <c>TWITE_SCREENSHOTS_OF=URL</c>, and as somebody with <c>TWITE_SCREENSHOTS_AS=NAME:PASSWORD</c>.</summary>
public sealed class ScreenshotTests(OneProcess network, HttpProcesses processes, Chromium chromium)
{
    private static readonly string? Folder = Environment.GetEnvironmentVariable("TWITE_SCREENSHOTS");

    public static TheoryData<string, int, int, ColorScheme> Looks => new()
    {
        { "light", 1280, 900, ColorScheme.Light },
        { "dark", 1280, 900, ColorScheme.Dark },
        { "tablet", 820, 1100, ColorScheme.Light },
        { "phone", 390, 844, ColorScheme.Light },
        { "phone-dark", 390, 844, ColorScheme.Dark },
    };

    [Theory, MemberData(nameof(Looks))]
    public async Task Take(string look, int width, int height, ColorScheme colours)
    {
        Assert.SkipWhen(string.IsNullOrEmpty(Folder), "Set TWITE_SCREENSHOTS to a directory to have pictures taken.");
        await using var visitor = await chromium.OpenAsync(network, options: new()
        {
            ViewportSize = new() { Width = width, Height = height },
            ColorScheme = colours,
        });
        var url = Environment.GetEnvironmentVariable("TWITE_SCREENSHOTS_OF")?.TrimEnd('/') ?? await network.StartAsync();
        foreach (var (name, path) in new[] { ("welcome", "/"), ("login", "/login"), ("signup", "/signup"), ("missing", "/nothing/here") })
        {
            await TakeAsync(visitor.Page, url + path, $"{look}-{name}");
        }

        var who = (Environment.GetEnvironmentVariable("TWITE_SCREENSHOTS_AS") ?? "").Split(':', 2);
        if (who.Length < 2)
        {
            return;
        }
        await visitor.Page.GotoAsync(url + "/login");
        await visitor.Page.GetByLabel("Name").FillAsync(who[0]);
        await visitor.Page.GetByLabel("Password").FillAsync(who[1]);
        await visitor.Page.GetByRole(AriaRole.Main).GetByRole(AriaRole.Button, new() { Name = "Log in" }).ClickAsync();
        await visitor.Page.Locator("#unread").WaitForAsync(new() { State = WaitForSelectorState.Attached });
        foreach (var (name, path) in new[]
        {
            ("home", "/"), ("public", "/public"), ("profile", "/@" + who[0]), ("followers", $"/@{who[0]}/followers"), ("search", "/search?q=a"),
            ("notifications", "/notifications"), ("settings", "/settings"), ("tokens", "/settings/tokens"), ("compose", "/compose"),
        })
        {
            await TakeAsync(visitor.Page, url + path, $"{look}-{name}");
        }
    }

    [Theory]
    [InlineData("accounts")]
    [InlineData("messages")]
    [InlineData("follows")]
    [InlineData("notifications")]
    public async Task Take_without(string service)
    {
        Assert.SkipWhen(string.IsNullOrEmpty(Folder), "Set TWITE_SCREENSHOTS to a directory to have pictures taken.");
        var name = $"without_{service}";
        await using var first = await chromium.OpenAsync(processes, options: Look("light"));
        await first.SignUpAsync(name);
        await first.PostAsync($"What can be seen without {service}? I am @{name}, and this is a message of some length to look at.");
        await first.PostAsync("And a short one.");
        var session = new BrowserNewContextOptions { StorageState = await first.Page.Context.StorageStateAsync() };
        var message = await first.Page.Locator(".message .when").Nth(1).GetAttributeAsync("href");
        await using var away = await processes.TakeAwayAsync(service);
        foreach (var look in Looks.Select(l => l.Data.Item1).Where(l => l != "tablet"))
        {
            await using var stranger = await chromium.OpenAsync(processes, options: Look(look));
            await using var person = await chromium.OpenAsync(processes, options: Look(look, session.StorageState));
            foreach (var (page, path) in new[]
            {
                ("home", "/"), ("public", "/public"), ("profile", "/@" + name), ("message", message!), ("search", "/search?q=" + name),
                ("notifications", "/notifications"), ("settings", "/settings"), ("compose", $"/compose?to={name}"), ("login", "/login"),
            })
            {
                await TakeAsync(person.Page, path, $"{look}-without-{service}-{page}");
                if (look == "light")
                {
                    await TakeAsync(stranger.Page, path, $"{look}-without-{service}-{page}-stranger");
                }
            }
            await person.Page.GotoAsync("/compose");
            await person.Page.Locator("#compose-text").FillAsync("What I typed while a part was away.");
            await person.Page.EvaluateAsync("document.body.dataset.left = 'true'");
            await person.Page.GetByRole(AriaRole.Button, new() { Name = "Post", Exact = true }).ClickAsync();
            await Assertions.Expect(person.Page.Locator("body:not([data-left]) main h1")).ToBeVisibleAsync();
            await person.Page.ScreenshotAsync(new() { Path = Path.Combine(Folder!, $"{look}-without-{service}-posted.png") });
        }
    }

    private static BrowserNewContextOptions Look(string name, string? session = null)
    {
        var (_, width, height, colours) = Looks.Single(l => l.Data.Item1 == name).Data;
        return new() { ViewportSize = new() { Width = width, Height = height }, ColorScheme = colours, StorageState = session };
    }

    private static async Task TakeAsync(IPage page, string url, string name)
    {
        await page.GotoAsync(url);
        await page.ScreenshotAsync(new() { Path = Path.Combine(Folder!, name + ".png") });
    }
}
