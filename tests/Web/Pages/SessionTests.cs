using System.Net;
using Twite.Web.Tests.Api;

namespace Twite.Web.Tests.Pages;

/// <summary>What a browser's session opens, and what is left of it once it has ended.</summary>
public sealed class SessionTests(ApiNetwork network) : IClassFixture<ApiNetwork>
{
    [Fact]
    public async Task A_program_s_token_opens_no_page()
    {
        var (browser, _) = await Browser.SignUpAsync(network);
        var made = await browser.SubmitAsync("/settings/tokens", "/settings/tokens", ("label", "a program"));
        var token = (await made.Content.ReadAsStringAsync()).Split("<code class=\"secret\">")[1].Split('<')[0];
        using var program = network.Stranger();
        program.DefaultRequestHeaders.Authorization = new("Bearer", token);
        Assert.Equal(HttpStatusCode.OK, (await program.GetAsync("/api/v1/accounts/verify_credentials", TestContext.Current.CancellationToken)).StatusCode);

        using var thief = new Browser(network.Url) { Cookies = { ["__Host-session"] = token } };
        Assert.Equal("/login?returnUrl=%2Fsettings%2Ftokens", (await thief.GetAsync("/settings/tokens")).Headers.Location?.OriginalString);
    }
}
