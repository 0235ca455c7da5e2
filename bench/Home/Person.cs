using System.Net;
using System.Text.RegularExpressions;

namespace Twite.Bench.Home;

/// <summary>Somebody who has logged in and reads the home page.</summary>
internal sealed partial class Person
{
    public const string Name = "reader";
    public const string Password = "correct horse battery";

    private readonly HttpClient _http;

    private Person(HttpClient http) => _http = http;

    public static async Task<Person> LogInAsync(string url)
    {
        // Cookies that are for secure connections come back to this machine too, as from a browser.
        var cookies = new Dictionary<string, string>(StringComparer.Ordinal);
        var http = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = new Uri(url) };
        using var page = await http.GetAsync("/login");
        Keep(cookies, page);
        var form = await page.Content.ReadAsStringAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/login");
        request.Headers.Add("Cookie", Header(cookies));
        request.Content = new FormUrlEncodedContent([new("Name", Name), new("password", Password), new("__RequestVerificationToken", Token().Match(form).Groups["value"].Value)]);
        using var reply = await http.SendAsync(request);
        Keep(cookies, reply);
        if (reply.StatusCode is not (HttpStatusCode.Found or HttpStatusCode.SeeOther))
        {
            throw new InvalidOperationException($"Logging in gave {reply.StatusCode}.");
        }
        http.DefaultRequestHeaders.Add("Cookie", Header(cookies));
        return new Person(http);
    }

    /// <summary>Reads it many times, some at once.</summary>
    public Task ReadHomeAsync(int times, int atOnce) => Task.WhenAll(Enumerable.Range(0, atOnce).Select(async _ =>
    {
        for (var i = 0; i < times / atOnce; i++)
        {
            var page = await _http.GetStringAsync("/");
            if (!page.Contains("Message number", StringComparison.Ordinal))
            {
                throw new InvalidOperationException("The page shows no messages.");
            }
        }
    }));

    private static void Keep(Dictionary<string, string> cookies, HttpResponseMessage response)
    {
        foreach (var cookie in response.Headers.TryGetValues("Set-Cookie", out var set) ? set : [])
        {
            cookies[cookie[..cookie.IndexOf('=')]] = cookie[(cookie.IndexOf('=') + 1)..].Split(';')[0];
        }
    }

    private static string Header(Dictionary<string, string> cookies) => string.Join("; ", cookies.Select(c => $"{c.Key}={c.Value}"));

    [GeneratedRegex("name=\"__RequestVerificationToken\"[^>]* value=\"(?<value>[^\"]+)\"", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Token();
}
