using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Twite.Lab.Processes;

namespace Twite.Lab.Screen;

/// <summary>A post as the public API shows it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Author">Its author's id.</param>
/// <param name="Text">Its text.</param>
internal readonly record struct Status(long Id, string Author, string Text);

/// <summary>The network's public API, as people's programs use it (docs/api.md). Any thread may use it.</summary>
internal sealed class Api(Uri url) : IDisposable
{
    private readonly HttpClient _http = new() { BaseAddress = url, Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>Makes one person follow another.</summary>
    public async Task FollowAsync(Person follower, Person author, CancellationToken cancellationToken)
    {
        using var request = Request(HttpMethod.Post, $"/api/v1/accounts/{author.Id}/follow", follower);
        using var reply = await _http.SendAsync(request, cancellationToken);
        reply.EnsureSuccessStatusCode();
    }

    /// <summary>Posts.</summary>
    /// <exception cref="HttpRequestException">It was not acknowledged.</exception>
    public async Task PostAsync(Person author, string text, string key, CancellationToken cancellationToken)
    {
        using var request = Request(HttpMethod.Post, "/api/v1/statuses", author);
        request.Headers.Add("Idempotency-Key", key);
        request.Content = new FormUrlEncodedContent([new("status", text)]);
        using var reply = await _http.SendAsync(request, cancellationToken);
        reply.EnsureSuccessStatusCode();
    }

    /// <summary>Watches somebody's live stream.</summary>
    /// <param name="person">Whose.</param>
    /// <param name="began">Called when the stream has begun: what is posted from then on is shown.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async IAsyncEnumerable<Status> WatchAsync(Person person, Action began, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var request = Request(HttpMethod.Get, "/api/v1/streaming/user", person);
        using var reply = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        reply.EnsureSuccessStatusCode();
        began();
        await using var body = await reply.Content.ReadAsStreamAsync(cancellationToken);
        await foreach (var item in SseParser.Create(body).EnumerateAsync(cancellationToken))
        {
            if (item.EventType == "update")
            {
                yield return Read(item.Data);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private static HttpRequestMessage Request(HttpMethod method, string path, Person person) => new(method, path)
    {
        Headers = { Authorization = new AuthenticationHeaderValue("Bearer", person.Token) },
    };

    private static Status Read(string json)
    {
        using var status = JsonDocument.Parse(json);
        var root = status.RootElement;
        return new Status(
            long.Parse(root.GetProperty("id").GetString()!), root.GetProperty("account").GetProperty("id").GetString()!, root.GetProperty("text").GetString()!);
    }
}
