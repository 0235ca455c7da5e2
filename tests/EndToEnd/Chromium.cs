using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(Twite.EndToEnd.Chromium))]

namespace Twite.EndToEnd;

/// <summary>A real browser, without a screen.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private const string Path = "/usr/bin/chromium-headless-shell";
    private IPlaywright _playwright = null!;
    private IBrowser _browser = null!;

    public async ValueTask InitializeAsync()
    {
        Assert.True(File.Exists(Path), $"These tests need Chromium at {Path}: run ./test, or apt-get install chromium-headless-shell.");
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Path,
            Args =
            [
                "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                "--disable-component-update", "--disable-sync",
            ],
        });
    }

    /// <summary>A browser of somebody's own: cookies are shared with nobody.</summary>
    public async Task<Visitor> OpenAsync(VisitedNetwork network, bool script = true, BrowserNewContextOptions? options = null)
    {
        options ??= new BrowserNewContextOptions();
        options.BaseURL = await network.StartAsync();
        options.JavaScriptEnabled = script;
        options.Locale = "en-GB";
        var context = await _browser.NewContextAsync(options);
        context.SetDefaultTimeout(30_000);
        return new Visitor(context, await context.NewPageAsync());
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }
}
