using Microsoft.Playwright;

namespace Twite.EndToEnd;

/// <summary>Pictures of the pages for people to look at: <c>TWITE_SCREENSHOTS=DIR ./test EndToEnd</c>. Of a network that runs
/// elsewhere with <c>TWITE_SCREENSHOTS_OF=URL</c>, and as somebody with <c>TWITE_SCREENSHOTS_AS=NAME:PASSWORD</c>.</summary>
public sealed class ScreenshotTests(OneProcess network, Chromium chromium)
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

    private static async Task TakeAsync(IPage page, string url, string name)
    {
        await page.GotoAsync(url);
        await page.ScreenshotAsync(new() { Path = Path.Combine(Folder!, name + ".png") });
    }
}
