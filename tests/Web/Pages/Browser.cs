using System.Net;
using System.Text.RegularExpressions;
using Twite.Contracts;
using Twite.Web.Tests.Api;

namespace Twite.Web.Tests.Pages;

/// <summary>A browser as far as the server sees one: it keeps cookies, and sends forms with what is hidden in them. It follows no redirects.
/// (The platform's cookie container sends no Secure cookie to localhost, as browsers do.)</summary>
internal sealed partial class Browser(string url) : IDisposable
{
    private readonly HttpClient _http = new(new HttpClientHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = new Uri(url) };

    public Dictionary<string, string> Cookies { get; } = new(StringComparer.Ordinal);

    /// <summary>Somebody new, logged in.</summary>
    public static async Task<(Browser Browser, Account Account)> SignUpAsync(ApiNetwork network, string name = "w")
    {
        var reply = await network.Accounts.SignUpAsync(
            new SignUpRequest { Name = name + Guid.NewGuid().ToString("N")[..10], Password = "correct horse battery" });
        return (new Browser(network.Url) { Cookies = { ["__Host-session"] = reply.Token } }, reply.Account);
    }

    public Task<HttpResponseMessage> GetAsync(string path) => SendAsync(new HttpRequestMessage(HttpMethod.Get, path));

    public async Task<string> ReadAsync(string path) => await (await GetAsync(path)).Content.ReadAsStringAsync();

    public Task<HttpResponseMessage> PostAsync(string path, params (string Name, string Value)[] fields) => SendAsync(
        new HttpRequestMessage(HttpMethod.Post, path) { Content = new FormUrlEncodedContent(fields.Select(f => KeyValuePair.Create(f.Name, f.Value))) });

    /// <summary>Loads a page and sends a form of it, with its antiforgery token.</summary>
    public async Task<HttpResponseMessage> SubmitAsync(string page, string action, params (string Name, string Value)[] fields)
    {
        var token = Token().Match(await ReadAsync(page)).Groups[1].Value;
        return await PostAsync(action, [.. fields, ("__RequestVerificationToken", token)]);
    }

    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request)
    {
        if (Cookies.Count > 0)
        {
            request.Headers.Add("Cookie", string.Join("; ", Cookies.Select(c => $"{c.Key}={c.Value}")));
        }
        var response = await _http.SendAsync(request);
        foreach (var cookie in response.Headers.TryGetValues("Set-Cookie", out var set) ? set : [])
        {
            var (name, value) = (cookie[..cookie.IndexOf('=')], cookie[(cookie.IndexOf('=') + 1)..].Split(';')[0]);
            if (value.Length == 0)
            {
                Cookies.Remove(name);
            }
            else
            {
                Cookies[name] = WebUtility.UrlDecode(value);
            }
        }
        return response;
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\" type=\"hidden\" value=\"([^\"]+)\"")]
    private static partial Regex Token();
}
