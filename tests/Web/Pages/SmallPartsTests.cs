using Twite.Web.Sessions;
using Twite.Web.Text;

namespace Twite.Web.Tests.Pages;

public sealed class SmallPartsTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("/@bob?max_id=3", "/@bob?max_id=3")]
    [InlineData("//evil.example", "/")]
    [InlineData("/\\evil.example", "/")]
    [InlineData("https://evil.example", "/")]
    [InlineData("/\t/evil.example", "/")]
    [InlineData("", "/")]
    [InlineData(null, "/")]
    public void The_way_back_stays_on_this_site(string? given, string taken) => Assert.Equal(taken, ReturnUrl.OrHome(given));

    [Theory]
    [InlineData(59, "now")]
    [InlineData(60, "1 min")]
    [InlineData(7_199, "1 h")]
    [InlineData(86_400, "1 d")]
    [InlineData(8 * 86_400, "16 Nov")]
    [InlineData(400 * 86_400, "20 Oct 2025")]
    public void Ages_are_short(int seconds, string shown) => Assert.Equal(shown, Ages.Describe(Now.AddSeconds(-seconds), Now));

    [Theory]
    [InlineData("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36", "Chrome on Linux")]
    [InlineData("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1", "Safari on iPhone")]
    [InlineData("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Windows")]
    [InlineData("curl/8.0", "curl")]
    [InlineData(null, "A browser")]
    public void Sessions_are_named_after_the_browser(string? userAgent, string label) => Assert.Equal(label, BrowserLabel.Of(userAgent));

    [Theory]
    [InlineData("bob", "B")]
    [InlineData("👩‍👩‍👧‍👦 family", "👩‍👩‍👧‍👦")]
    [InlineData("", "?")]
    public void A_monogram_is_one_whole_character(string name, string letter) => Assert.Equal(letter, Monogram.Letter(name));

    [Theory]
    [InlineData("http://localhost:5141", true)]
    [InlineData("http://127.0.0.1:0", true)]
    [InlineData("http://[::1]:5141", true)]
    [InlineData("https://0.0.0.0:443", true)]
    [InlineData("http://0.0.0.0:80", false)]
    [InlineData("http://*:80", false)]
    public void Cookies_are_bound_to_secure_connections_unless_the_network_hears_them(string url, bool secure) =>
        Assert.Equal(secure, WebServer.IsSecure(new WebOptions { DataDirectory = "/nowhere", Urls = [url] }));
}
