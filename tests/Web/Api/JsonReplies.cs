using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Twite.Web.Tests.Api;

/// <summary>Requests as a program makes them, and their replies as JSON.</summary>
internal static class JsonReplies
{
    public static async Task<JsonElement> GetJsonAsync(this HttpClient http, string path, HttpStatusCode expected = HttpStatusCode.OK) =>
        await ReadAsync(await http.GetAsync(path), expected);

    public static async Task<JsonElement> PostJsonAsync(
        this HttpClient http, string path, object? body = null, HttpStatusCode expected = HttpStatusCode.OK, string? key = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path);
        request.Content = body as HttpContent ?? (body is null ? null : JsonContent.Create(body));
        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }
        return await ReadAsync(await http.SendAsync(request), expected);
    }

    public static async Task<JsonElement> DeleteJsonAsync(this HttpClient http, string path, HttpStatusCode expected = HttpStatusCode.OK) =>
        await ReadAsync(await http.DeleteAsync(path), expected);

    /// <summary>Posts a message; the status's id.</summary>
    public static async Task<string> SayAsync(this Person person, string text) =>
        (await person.Http.PostJsonAsync("/api/v1/statuses", new { status = text })).Text("id");

    public static string Text(this JsonElement element, string name) => element.GetProperty(name).GetString()!;

    public static IReadOnlyList<string> Ids(this JsonElement list) => [.. list.EnumerateArray().Select(e => e.Text("id"))];

    /// <summary>Waits until somebody has so many notifications; the list.</summary>
    public static async Task<JsonElement> NotifiedAsync(this Person person, int count)
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            var list = await person.Http.GetJsonAsync("/api/v1/notifications?limit=40");
            if (list.GetArrayLength() == count)
            {
                return list;
            }
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(30), $"{list.GetArrayLength()} notifications instead of {count}");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }
    }

    /// <summary>Follows <c>Link</c> headers to the end; the ids of each page.</summary>
    public static async Task<IReadOnlyList<IReadOnlyList<string>>> WalkAsync(this HttpClient http, string path, string relation)
    {
        var pages = new List<IReadOnlyList<string>>();
        for (var next = path; next is not null;)
        {
            var reply = await http.GetAsync(next);
            var ids = (await ReadAsync(reply, HttpStatusCode.OK)).Ids();
            if (ids.Count > 0)
            {
                pages.Add(ids);
            }
            next = LinkOf(reply, relation);
        }
        return pages;
    }

    public static string? LinkOf(this HttpResponseMessage reply, string relation) =>
        reply.Headers.TryGetValues("Link", out var links)
            ? links.SelectMany(l => l.Split(", ")).Where(l => l.EndsWith($"rel=\"{relation}\"", StringComparison.Ordinal)).Select(l => l[1..l.IndexOf('>')]).SingleOrDefault()
            : null;

    public static async Task<JsonElement> ReadAsync(HttpResponseMessage reply, HttpStatusCode expected)
    {
        var text = await reply.Content.ReadAsStringAsync();
        Assert.True(reply.StatusCode == expected, $"{(int)reply.StatusCode} instead of {(int)expected}: {text}");
        Assert.Equal("application/json; charset=utf-8", reply.Content.Headers.ContentType?.ToString());
        var json = JsonDocument.Parse(text).RootElement;
        if ((int)expected >= 400)
        {
            Assert.Equal(["error"], json.EnumerateObject().Select(p => p.Name));
            Assert.DoesNotContain("   at ", json.Text("error"));
        }
        return json;
    }
}
