using System.Collections.Concurrent;
using System.Net;
using System.Text.RegularExpressions;

namespace Twite.Processes;

/// <summary>Somebody with a browser, as far as the server sees one: it keeps cookies, sends forms with what is hidden in them, and follows redirects. Any thread
/// may use it.</summary>
internal sealed partial class Visitor(string url, HttpMessageHandler? connections = null) : IDisposable
{
    private readonly HttpClient _http = new(connections ?? new HttpClientHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = new Uri(url), Timeout = TimeSpan.FromSeconds(20) };
    private readonly ConcurrentDictionary<string, string> _cookies = new(StringComparer.Ordinal);

    /// <summary>Reads a page.</summary>
    public async Task<(HttpStatusCode Status, string Text)> GetAsync(string path) => await ReadAsync(new HttpRequestMessage(HttpMethod.Get, path));

    /// <summary>Reads a page and sends a form of it, with all that is hidden in the page's forms.</summary>
    /// <returns>The page that comes of it.</returns>
    public async Task<(HttpStatusCode Status, string Text)> SubmitAsync(string page, string action, params (string Name, string Value)[] fields)
    {
        var hidden = Hidden().Matches((await GetAsync(page)).Text).Select(m => (Name: Attribute(m.Value, "name"), Value: Attribute(m.Value, "value")));
        var all = fields.Concat(hidden).DistinctBy(f => f.Name).Select(f => KeyValuePair.Create(f.Name, f.Value));
        return await ReadAsync(new HttpRequestMessage(HttpMethod.Post, action) { Content = new FormUrlEncodedContent(all) });
    }

    public void Dispose() => _http.Dispose();

    private async Task<(HttpStatusCode, string)> ReadAsync(HttpRequestMessage request)
    {
        while (true)
        {
            request.Headers.TryAddWithoutValidation("Cookie", string.Join("; ", _cookies.Select(c => $"{c.Key}={c.Value}")));
            using var response = await _http.SendAsync(request);
            request.Dispose();
            foreach (var cookie in response.Headers.TryGetValues("Set-Cookie", out var set) ? set : [])
            {
                _cookies[cookie[..cookie.IndexOf('=')]] = cookie[(cookie.IndexOf('=') + 1)..].Split(';')[0];
            }
            if (response.Headers.Location is not { } next)
            {
                return (response.StatusCode, await response.Content.ReadAsStringAsync());
            }
            request = new HttpRequestMessage(HttpMethod.Get, next);
        }
    }

    private static string Attribute(string input, string name) => WebUtility.HtmlDecode(Regex.Match(input, $" {name}=\"([^\"]*)\"").Groups[1].Value);

    [GeneratedRegex("<input[^>]*type=\"hidden\"[^>]*>")]
    private static partial Regex Hidden();
}
