using System.Net;
using Twite.Web.Tests.Api;

namespace Twite.Web.Tests.Pages;

/// <summary>Messages that are sent again under a key that was used.</summary>
public sealed class ComposeTests(ApiNetwork network) : IClassFixture<ApiNetwork>
{
    [Fact]
    public async Task What_was_changed_after_it_was_posted_unnoticed_is_not_lost()
    {
        var (browser, account) = await Browser.SignUpAsync(network);
        await browser.SubmitAsync("/", "/compose", ("text", "teh first"), ("key", "changed1"));
        var response = await browser.SubmitAsync("/", "/compose", ("text", "the first"), ("key", "changed1"));
        var page = await response.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.Conflict, response.StatusCode);
        Assert.Contains("the first</textarea>", page);
        Assert.Contains("“teh first”", page);
        var key = page.Split("name=\"key\" value=\"")[1].Split('"')[0];
        Assert.NotEqual("changed1", key);

        await browser.SubmitAsync("/", "/compose", ("text", "the first"), ("key", key));
        Assert.Contains("the first", await browser.ReadAsync("/@" + account.Name));
    }

    [Fact]
    public async Task What_was_deleted_since_can_be_said_again()
    {
        var (browser, account) = await Browser.SignUpAsync(network);
        await browser.SubmitAsync("/", "/compose", ("text", "here and gone"), ("key", "gone1"));
        var id = (await browser.ReadAsync("/@" + account.Name)).Split("data-id=\"")[1].Split('"')[0];
        await browser.SubmitAsync("/settings", $"/@{account.Name}/{id}");
        var response = await browser.SubmitAsync("/", "/compose", ("text", "here and gone"), ("key", "gone1"));
        var page = await response.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.Conflict, response.StatusCode);
        Assert.DoesNotContain("value=\"gone1\"", page);
        Assert.Contains("here and gone</textarea>", page);
    }

    [Fact]
    public async Task What_is_too_long_for_a_call_comes_back_with_the_reason_too()
    {
        var (browser, _) = await Browser.SignUpAsync(network);
        var response = await browser.SubmitAsync("/", "/compose", ("text", new string('x', 20_000)), ("key", "far1"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
        Assert.Contains("at most 141 characters", await response.Content.ReadAsStringAsync());
    }
}
