using System.Collections.Concurrent;
using Microsoft.Playwright;

namespace Twite.EndToEnd;

/// <summary>Somebody at a browser, who does what people do. Whatever the browser complains about is kept.</summary>
public sealed class Visitor : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly ConcurrentQueue<string> _complaints = new();

    public Visitor(IBrowserContext context, IPage page)
    {
        (_context, Page) = (context, page);
        page.PageError += (_, error) => _complaints.Enqueue("script error: " + error);
        page.Console += (_, message) =>
        {
            // A page answered with 4xx is logged as an error too; tests look at those by themselves.
            if (message.Type == "error" && !message.Text.StartsWith("Failed to load resource", StringComparison.Ordinal))
            {
                _complaints.Enqueue("console: " + message.Text);
            }
        };
        page.Dialog += (_, dialog) =>
        {
            _complaints.Enqueue("dialog: " + dialog.Message);
            _ = dialog.DismissAsync();
        };
    }

    public IPage Page { get; }

    /// <summary>Script errors, refusals of the content security policy, dialogs.</summary>
    public IReadOnlyCollection<string> Complaints => _complaints;

    public ILocator Message(string text) => Page.Locator(".message .text", new PageLocatorOptions { HasText = text });

    public async Task SignUpAsync(string name)
    {
        await Page.GotoAsync("/signup");
        await Page.GetByLabel("Name").FillAsync(name);
        await Page.GetByLabel("Password").FillAsync("a finch on a fence");
        await Page.GetByRole(AriaRole.Main).GetByRole(AriaRole.Button, new() { Name = "Sign up" }).ClickAsync();
        await Assertions.Expect(Page.GetByRole(AriaRole.Heading, new() { Name = "Home" })).ToBeVisibleAsync();
    }

    public async Task PostAsync(string text)
    {
        await Page.GotoAsync("/");
        await Page.Locator("#compose-text").FillAsync(text);
        await Page.GetByRole(AriaRole.Button, new() { Name = "Post", Exact = true }).ClickAsync();
        await Assertions.Expect(Message(text)).ToBeVisibleAsync();
    }

    public async Task FollowAsync(string name)
    {
        await Page.GotoAsync("/@" + name);
        await Page.GetByRole(AriaRole.Button, new() { Name = $"Follow {name}", Exact = true }).ClickAsync();
        await Assertions.Expect(Page.GetByRole(AriaRole.Button, new() { Name = $"Unfollow {name}" })).ToBeVisibleAsync();
    }

    /// <summary>Waits until the live stream of the page is open.</summary>
    public Task GoLiveAsync() => Page.Locator(".timeline[data-live]").WaitForAsync(new() { State = WaitForSelectorState.Attached });

    /// <summary>The id of the newest message on the page.</summary>
    public async Task<string> NewestIdAsync() =>
        await Page.Locator(".message[data-id]").First.GetAttributeAsync("data-id") ?? throw new InvalidOperationException("The message has no id.");

    public ValueTask DisposeAsync() => _context.DisposeAsync();
}
