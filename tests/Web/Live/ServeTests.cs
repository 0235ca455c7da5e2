using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Twite.Web.Live;
using Twite.Web.Tests.Network;

namespace Twite.Web.Tests.Live;

/// <summary>Streams over real HTTP.</summary>
public sealed class ServeTests : IAsyncLifetime
{
    private LiveSetup _live = null!;
    private WebApplication _app = null!;
    private HttpClient _http = null!;

    public async ValueTask InitializeAsync()
    {
        _live = await LiveSetup.StartAsync(new LiveOptions { ReceiverAddress = "inproc:web", MaxStreams = 3, MaxStreamsPerAccount = 2 });
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.MapGet("/public", context => _live.Feed.Streams.ServeAsync(
            context, StreamRequest.Public(StreamRequest.ReadSinceId(context.Request)), _live.Renderer, context.RequestAborted));
        _app.MapGet("/home", context => _live.Feed.Streams.ServeAsync(
            context, StreamRequest.Home(1, StreamRequest.ReadSinceId(context.Request)), _live.Renderer, context.RequestAborted));
        await _app.StartAsync();
        _http = new HttpClient { BaseAddress = new Uri(_app.Urls.Single()) };
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _live.DisposeAsync();
        await _app.DisposeAsync();
    }

    [Fact]
    public async Task Is_kept_from_caches_and_buffers()
    {
        using var response = await OpenAsync("/public");
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.ToString());
        Assert.Equal("no-store", response.Headers.CacheControl?.ToString());
        Assert.Equal("no", response.Headers.GetValues("X-Accel-Buffering").Single());
        Assert.Null(response.Content.Headers.ContentLength);
    }

    [Fact]
    public async Task Carries_events_as_they_happen()
    {
        using var response = await OpenAsync("/public");
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync());
        Assert.StartsWith("retry: ", await LineAsync(lines), StringComparison.Ordinal);
        Assert.Equal("id: 1", await LineAsync(lines));
        Assert.Equal("", await LineAsync(lines));
        var id = await _live.PostAsync(1);
        Assert.Equal($"id: {id}", await LineAsync(lines));
        Assert.Equal("event: update", await LineAsync(lines));
        Assert.Equal("data: hello", await LineAsync(lines));
        Assert.Equal("", await LineAsync(lines));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Goes_on_after_what_the_client_has_seen(bool byHeader)
    {
        var seen = await _live.PostAsync(1);
        var missed = await _live.PostAsync(1);
        await Eventually.HoldsAsync(() => _live.Feed.Mark == missed);
        using var response = byHeader ? await OpenAsync("/public?since_id=1", lastEventId: seen) : await OpenAsync($"/public?since_id={seen}");
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync());
        var ids = new List<string>();
        while (ids.Count < 2)
        {
            if (await LineAsync(lines) is { } line && line.StartsWith("id: ", StringComparison.Ordinal))
            {
                ids.Add(line);
            }
        }
        Assert.Equal([$"id: {seen}", $"id: {missed}"], ids);
    }

    [Fact]
    public async Task Is_left_when_the_client_goes()
    {
        var response = await OpenAsync("/public");
        await Eventually.HoldsAsync(() => _live.Feed.Streams.Count == 1);
        response.Dispose();
        await Eventually.HoldsAsync(() => _live.Feed.Streams.Count == 0);
    }

    [Fact]
    public async Task Ends_when_it_is_old()
    {
        using var response = await OpenAsync("/public");
        await Eventually.HoldsAsync(() => _live.Feed.Streams.Count == 1);
        await Eventually.PassAsync(_live.Time, TimeSpan.FromMinutes(1));
        Assert.Equal(1, _live.Feed.Streams.Count);
        _live.Time.Advance(TimeSpan.FromMinutes(30));
        var whole = await response.Content.ReadAsStringAsync().WaitAsync(TimeSpan.FromSeconds(20));
        Assert.StartsWith("retry: ", whole, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Too_many_are_refused_with_when_to_try_again()
    {
        using var one = await OpenAsync("/home");
        using var two = await OpenAsync("/home");
        using var ofAccount = await OpenAsync("/home");
        Assert.Equal((HttpStatusCode.TooManyRequests, true), (ofAccount.StatusCode, ofAccount.Headers.RetryAfter is not null));
        using var three = await OpenAsync("/public");
        using var four = await OpenAsync("/public");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, true), (four.StatusCode, four.Headers.RetryAfter is not null));
    }

    [Theory]
    [InlineData("abc")]
    [InlineData("-1")]
    [InlineData("99999999999999999999")]
    [InlineData("9223372036854775807")]
    public async Task An_id_that_is_none_does_no_harm(string id)
    {
        using var response = await OpenAsync($"/public?since_id={id}");
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync());
        for (var line = await LineAsync(lines); line.Length > 0; line = await LineAsync(lines))
        {
            // The start.
        }
        await _live.PostAsync(1);
        while (await LineAsync(lines) != "data: hello")
        {
            // An event of its own goes before it.
        }
    }

    private async Task<HttpResponseMessage> OpenAsync(string path, long? lastEventId = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (lastEventId is { } id)
        {
            request.Headers.Add("Last-Event-ID", $"{id}");
        }
        return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    private static async Task<string> LineAsync(StreamReader lines) =>
        await lines.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(20)) ?? throw new EndOfStreamException("The stream ended.");
}
