using System.Net;
using System.Text.Json;
using Twite.Contracts;
using Twite.Web.Api;
using Twite.Web.Live;
using Twite.Web.Tests.Network;

namespace Twite.Web.Tests.Api;

public sealed class StreamingTests(ApiNetwork network)
{
    private const string User = "/api/v1/streaming/user";

    [Fact]
    public async Task What_somebody_followed_posts_and_deletes_is_shown_at_once()
    {
        var (reader, author, stranger) = (await network.SignUpAsync(), await network.SignUpAsync(), await network.SignUpAsync());
        await reader.Http.PostJsonAsync($"{author.Path}/follow");
        using var stream = await EventReader.OpenAsync(reader.Http, User);
        await stranger.SayAsync("not for this stream");
        var id = await author.SayAsync("first\nof <two> lines");
        var (kind, data) = await stream.NextAsync();
        Assert.Equal("update", kind);
        var status = JsonDocument.Parse(data).RootElement;
        Assert.Equal((await reader.Http.GetJsonAsync($"/api/v1/statuses/{id}")).ToString(), status.ToString());
        await author.Http.DeleteJsonAsync($"/api/v1/statuses/{id}");
        Assert.Equal(("delete", id), await stream.NextAsync());
    }

    [Fact]
    public async Task One_who_comes_again_misses_nothing_and_sees_nothing_twice()
    {
        var author = await network.SignUpAsync();
        string seen;
        using (var stream = await EventReader.OpenAsync(author.Http, User))
        {
            var first = await author.SayAsync("seen");
            Assert.Equal(first, IdOf(await stream.NextAsync()));
            seen = stream.LastId!;
        }
        var missed = new[] { await author.SayAsync("missed"), await author.SayAsync("missed too") };
        using var again = await EventReader.OpenAsync(author.Http, User, seen);
        var live = await author.SayAsync("live");
        var shown = new List<string>();
        while (shown.Count < 3)
        {
            shown.Add(IdOf(await again.NextAsync()));
        }
        Assert.Equal([.. missed, live], shown);
    }

    [Theory, InlineData("/api/v1/streaming/public"), InlineData("/api/v1/streaming/public/local")]
    public async Task The_public_stream_shows_everybody_to_everybody(string path)
    {
        var author = await network.SignUpAsync();
        using var stream = await EventReader.OpenAsync(network.Stranger(), path);
        var id = await author.SayAsync("for all");
        string shown;
        do
        {
            // Other tests post beside this one.
            shown = IdOf(await stream.NextAsync());
        }
        while (shown != id);
    }

    [Fact]
    public async Task A_home_stream_needs_a_token()
    {
        var reply = await network.Stranger().GetAsync(User, HttpCompletionOption.ResponseHeadersRead);
        await JsonReplies.ReadAsync(reply, HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Too_many_streams_of_one_person_are_refused_in_words()
    {
        var person = await network.SignUpAsync();
        var streams = new List<EventReader>();
        for (var i = 0; i < 20; i++)
        {
            streams.Add(await EventReader.OpenAsync(person.Http, User));
        }
        var reply = await person.Http.GetAsync(User, HttpCompletionOption.ResponseHeadersRead);
        await JsonReplies.ReadAsync(reply, HttpStatusCode.TooManyRequests);
        Assert.Equal(TimeSpan.FromSeconds(10), reply.Headers.RetryAfter?.Delta);
        streams.ForEach(s => s.Dispose());
    }

    [Fact]
    public async Task What_happens_to_somebody_is_shown_at_once()
    {
        var (reader, actor) = (await network.SignUpAsync(), await network.SignUpAsync());
        using var stream = await EventReader.OpenAsync(reader.Http, User);
        var next = stream.NextAsync();
        while (!next.IsCompleted)
        {
            // Until the front end has its lease, which takes a moment after the start, notifications are only on the list.
            await actor.SayAsync($"hello @{reader.Name}");
            await Task.WhenAny(next, Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System));
        }
        var (kind, data) = await next;
        Assert.Equal("notification", kind);
        Assert.Equal(actor.Name, JsonDocument.Parse(data).RootElement.GetProperty("account").Text("acct"));
    }

    [Fact]
    public async Task Notifications_are_events_too_however_many_come_at_once()
    {
        var (reader, actor) = (await network.SignUpAsync(), await network.SignUpAsync());
        var status = long.Parse(await actor.SayAsync($"hello @{reader.Name}"));
        var events = Enumerable.Range(1, 100).Select(i => new StreamEvent.Notified(reader.Id, new Notification
        {
            // All but the last are about messages that there are not.
            Id = i, Type = NotificationType.Mention, AccountId = actor.Id, MessageId = status + ((100L - i) * 1_000_003),
        })).ToList();
        var rendered = await new StatusStream(network.Clients, new ApiLinks(network.Url)).RenderAsync(events, CancellationToken.None);
        Assert.Equal(events.Count, rendered.Count);
        Assert.All(rendered.SkipLast(1), Assert.Null);
        Assert.Equal("notification", rendered[^1]!.Name);
        var notification = JsonDocument.Parse(rendered[^1]!.Data).RootElement;
        Assert.Equal(("mention", actor.Name), (notification.Text("type"), notification.GetProperty("account").Text("acct")));
    }

    [Fact]
    public async Task What_somebody_suspended_said_is_no_event_though_word_of_it_comes_late()
    {
        var (author, other) = (await network.SignUpAsync(), await network.SignUpAsync());
        await network.Operator.SetSuspendedAsync(new SetSuspendedRequest { Id = author.Id, Suspended = true });
        var events = new[] { author, other }.Select((person, i) => new StreamEvent.Posted(
            new Message { Id = i + 1, AuthorId = person.Id, AuthorName = person.Name, Text = "late", CreatedAt = new() })).ToList();
        var rendered = await new StatusStream(network.Clients, new ApiLinks(network.Url)).RenderAsync(events, CancellationToken.None);
        Assert.Equal([null, "update"], rendered.Select(r => r?.Name));
    }

    [Fact]
    public async Task Hosts_that_strangers_claim_keep_nobody_with_a_token_out_get_into_no_other_stream_and_are_forgotten_with_their_own()
    {
        await using var alone = new ApiNetwork();
        await alone.InitializeAsync();
        var claimed = new List<EventReader>();
        HttpClient StrangerAt(string host)
        {
            var stranger = alone.Stranger();
            stranger.DefaultRequestHeaders.Host = host;
            return stranger;
        }
        const string Everybody = "/api/v1/streaming/public";
        for (var i = 1; i <= 4; i++)
        {
            claimed.Add(await EventReader.OpenAsync(StrangerAt($"e{i}.evil"), Everybody));
        }
        Task<HttpResponseMessage> AskAsync() =>
            StrangerAt("e5.evil").GetAsync(Everybody, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        var refused = await AskAsync();
        // Before its body is read: a stream has no end.
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(10), refused.Headers.RetryAfter?.Delta);
        var author = await alone.SignUpAsync();
        using (await EventReader.OpenAsync(author.Http, User))
        {
            // Where somebody known is, strangers are welcome too.
            claimed.Add(await EventReader.OpenAsync(alone.Stranger(), Everybody));
        }

        claimed[3].Dispose();
        claimed[4].Dispose();
        await Eventually.HoldsAsync(async () =>
        {
            using var reply = await AskAsync();
            return reply.IsSuccessStatusCode;
        });
        using var stream = await EventReader.OpenAsync(author.Http, User);
        await author.SayAsync("where am I?");
        Assert.StartsWith(alone.Url, JsonDocument.Parse((await stream.NextAsync()).Data).RootElement.Text("url"));
        claimed.ForEach(c => c.Dispose());
    }

    [Fact]
    public async Task Health_is_a_word() => Assert.Equal("OK", await network.Stranger().GetStringAsync("/api/v1/streaming/health"));

    private static string IdOf((string Event, string Data) happened) =>
        happened.Event == "delete" ? happened.Data : JsonDocument.Parse(happened.Data).RootElement.Text("id");
}
