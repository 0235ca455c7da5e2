using System.Net;
using Twite.Contracts;
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

    [Fact]
    public async Task Who_was_logged_out_elsewhere_logs_in_at_the_first_try()
    {
        var (browser, account) = await Browser.SignUpAsync(network);
        await network.Accounts.LogOutAsync(new LogOutRequest { Token = browser.Cookies["__Host-session"] });
        var response = await browser.SubmitAsync("/login", "/login", ("Name", account.Name), ("password", "correct horse battery"));
        Assert.Equal(HttpStatusCode.Redirect, response.StatusCode);
    }

    [Fact]
    public async Task Who_was_logged_out_elsewhere_and_mistypes_the_password_logs_in_at_the_second_try()
    {
        var (browser, account) = await Browser.SignUpAsync(network);
        var bound = TokenIn(await browser.ReadAsync("/settings"));
        await network.Accounts.LogOutAsync(new LogOutRequest { Token = browser.Cookies["__Host-session"] });
        async Task<HttpResponseMessage> LogIn(string password, string token) => await browser.PostAsync(
            "/login", ("Name", account.Name), ("password", password), ("__RequestVerificationToken", token));
        var refused = await LogIn("wrong horse battery", bound);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        var again = await LogIn("correct horse battery", TokenIn(await refused.Content.ReadAsStringAsync()));
        Assert.Equal(HttpStatusCode.Redirect, again.StatusCode);
    }

    private static string TokenIn(string page) => page.Split("__RequestVerificationToken\" type=\"hidden\" value=\"")[1].Split('"')[0];
}
