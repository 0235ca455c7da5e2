using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Twite.Faults.History;

namespace Twite.Faults.Network;

/// <summary>What one try of a post came to.</summary>
/// <param name="Outcome">Acknowledged, refused for good, or open: try again.</param>
/// <param name="Id">The message's id, when acknowledged.</param>
internal readonly record struct PostReply(Outcome Outcome, long Id);

/// <summary>The public API as a person's program uses it. Any thread may use it.</summary>
internal sealed class ApiClient(string url, string? token) : IDisposable
{
    private const int PageSize = 40;

    private readonly HttpClient _http = new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
    {
        BaseAddress = new Uri(url),
        Timeout = TimeSpan.FromSeconds(5),
        DefaultRequestHeaders = { Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token) },
    };

    /// <summary>Tries to post once.</summary>
    public async Task<PostReply> PostAsync(string text, string key, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/statuses");
        request.Content = new FormUrlEncodedContent([new("status", text)]);
        request.Headers.Add("Idempotency-Key", key);
        try
        {
            using var reply = await _http.SendAsync(request, cancellationToken);
            if (reply.StatusCode == HttpStatusCode.OK)
            {
                using var status = JsonDocument.Parse(await reply.Content.ReadAsStringAsync(cancellationToken));
                return new PostReply(Outcome.Acknowledged, Read(status.RootElement).Id);
            }
            // Only what cannot become true by trying again is a definite no.
            return new PostReply(
                (int)reply.StatusCode is >= 400 and < 500 and not (408 or 409 or 425 or 429) ? Outcome.Refused : Outcome.Unknown, 0);
        }
        catch (Exception error) when ((Exchange.IsBroken(error) || error is JsonException) && !cancellationToken.IsCancellationRequested)
        {
            return new PostReply(Outcome.Unknown, 0);
        }
    }

    /// <summary>The newest page of an author's messages; null when it could not be read just now.</summary>
    public Task<IReadOnlyList<SeenMessage>?> ReadOwnAsync(string accountId, CancellationToken cancellationToken) =>
        TryReadPageAsync($"/api/v1/accounts/{accountId}/statuses?limit={PageSize}", cancellationToken);

    /// <summary>The newest page of everybody's messages; null when it could not be read just now.</summary>
    public Task<IReadOnlyList<SeenMessage>?> ReadNewestAsync(CancellationToken cancellationToken) =>
        TryReadPageAsync($"/api/v1/timelines/public?limit={PageSize}", cancellationToken);

    /// <summary>Everybody's messages, all of them.</summary>
    public async Task<IReadOnlyList<SeenMessage>> ReadAllAsync(CancellationToken cancellationToken)
    {
        var all = new List<SeenMessage>();
        for (var page = await ReadPageAsync($"/api/v1/timelines/public?limit={PageSize}", cancellationToken); page.Count > 0;)
        {
            all.AddRange(page);
            page = await ReadPageAsync($"/api/v1/timelines/public?limit={PageSize}&max_id={page[^1].Id}", cancellationToken);
        }
        return all;
    }

    /// <summary>The id of the token's account.</summary>
    public async Task<string> ReadAccountIdAsync(CancellationToken cancellationToken)
    {
        using var account = JsonDocument.Parse(await _http.GetStringAsync("/api/v1/accounts/verify_credentials", cancellationToken));
        return account.RootElement.GetProperty("id").GetString()!;
    }

    /// <summary>Follows somebody.</summary>
    public async Task FollowAsync(string name)
    {
        using var account = JsonDocument.Parse(await _http.GetStringAsync($"/api/v1/accounts/lookup?acct={name}"));
        using var reply = await _http.PostAsync($"/api/v1/accounts/{account.RootElement.GetProperty("id").GetString()}/follow", null);
        reply.EnsureSuccessStatusCode();
    }

    /// <summary>A message as the API writes it.</summary>
    public static SeenMessage Read(JsonElement status) => new(
        long.Parse(status.GetProperty("id").GetString()!),
        status.GetProperty("account").GetProperty("username").GetString()!,
        status.GetProperty("text").GetString()!);

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async Task<IReadOnlyList<SeenMessage>?> TryReadPageAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return await ReadPageAsync(path, cancellationToken);
        }
        catch (Exception error) when ((Exchange.IsBroken(error) || error is JsonException) && !cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    private async Task<IReadOnlyList<SeenMessage>> ReadPageAsync(string path, CancellationToken cancellationToken)
    {
        using var page = JsonDocument.Parse(await _http.GetStringAsync(path, cancellationToken));
        return [.. page.RootElement.EnumerateArray().Select(Read)];
    }
}
