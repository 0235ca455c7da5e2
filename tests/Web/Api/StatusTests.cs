using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace Twite.Web.Tests.Api;

public sealed class StatusTests(ApiNetwork network)
{
    private const string Path = "/api/v1/statuses";

    [Fact]
    public async Task A_post_is_answered_with_the_whole_status()
    {
        var author = await network.SignUpAsync();
        var other = await network.SignUpAsync("friend");
        var status = await author.Http.PostJsonAsync(Path, new { status = $"Hi @{other.Name}, <b>see</b> https://example.org/?a=1&b=2. #Finches" });
        Assert.Equal(
            [
                "account", "bookmarked", "card", "content", "created_at", "edited_at", "emojis", "favourited", "favourites_count", "filtered", "id",
                "in_reply_to_account_id", "in_reply_to_id", "language", "media_attachments", "mentions", "muted", "poll", "reblog", "reblogged",
                "reblogs_count", "replies_count", "sensitive", "spoiler_text", "tags", "text", "uri", "url", "visibility",
            ],
            status.EnumerateObject().Select(p => p.Name).Order());
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$", status.Text("created_at"));
        Assert.Equal($"{network.Url}/@{author.Name}/{status.Text("id")}", status.Text("url"));
        Assert.Equal("public", status.Text("visibility"));
        Assert.Equal(author.Name, status.GetProperty("account").Text("acct"));
        Assert.Equal(1, status.GetProperty("account").GetProperty("statuses_count").GetInt32());
        Assert.Equal(other.Id.ToString(), status.GetProperty("mentions")[0].Text("id"));
        Assert.Equal("finches", status.GetProperty("tags")[0].Text("name"));
        Assert.Equal(
            $"<p>Hi <span class=\"h-card\"><a href=\"{network.Url}/@{other.Name}\" class=\"u-url mention\">@<span>{other.Name}</span></a></span>, "
            + "&lt;b&gt;see&lt;/b&gt; <a href=\"https://example.org/?a=1&amp;b=2\" target=\"_blank\" rel=\"nofollow noopener noreferrer\">https://example.org/?a=1&amp;b=2</a>. "
            + $"<a href=\"{network.Url}/search?q=%23Finches\" class=\"mention hashtag\" rel=\"tag\">#<span>Finches</span></a></p>",
            status.Text("content"));
    }

    [Fact]
    public async Task Is_posted_by_form_too()
    {
        var author = await network.SignUpAsync();
        var form = new FormUrlEncodedContent([KeyValuePair.Create("status", "By form ✓"), KeyValuePair.Create("visibility", "public")]);
        Assert.Equal("By form ✓", (await author.Http.PostJsonAsync(Path, form)).Text("text"));
    }

    [Fact]
    public async Task Is_posted_by_multipart_form_too()
    {
        var author = await network.SignUpAsync();
        using var form = new MultipartFormDataContent { { new StringContent("In parts ✓"), "status" } };
        Assert.Equal("In parts ✓", (await author.Http.PostJsonAsync(Path, form)).Text("text"));
    }

    [Fact]
    public async Task The_same_idempotency_key_gives_the_same_status()
    {
        var author = await network.SignUpAsync();
        var key = new string('k', 300);
        var first = await author.Http.PostJsonAsync(Path, new { status = "once" }, key: key);
        var second = await author.Http.PostJsonAsync(Path, new { status = "once" }, key: key);
        Assert.Equal(first.Text("id"), second.Text("id"));
    }

    [Theory, InlineData("one", "two"), InlineData(null, null)]
    public async Task Another_key_or_none_gives_another_status(string? key, string? otherKey)
    {
        var author = await network.SignUpAsync();
        var first = await author.Http.PostJsonAsync(Path, new { status = "twice" }, key: key);
        var second = await author.Http.PostJsonAsync(Path, new { status = "twice" }, key: otherKey);
        Assert.NotEqual(first.Text("id"), second.Text("id"));
    }

    [Theory]
    [InlineData("{\"status\":\"\"}", 422)]
    [InlineData("{}", 422)]
    [InlineData("{\"status\":7}", 422)]
    [InlineData("{\"status\":\"\\ud83d\"}", 422)]
    [InlineData("{\"status\":\"psst\",\"visibility\":\"direct\"}", 422)]
    [InlineData("{\"status\":\"later\",\"scheduled_at\":\"2030-01-01T00:00:00Z\"}", 422)]
    [InlineData("{\"status\":\"look\",\"media_ids\":[\"1\"]}", 422)]
    [InlineData("{\"status\":\"yes?\",\"poll\":{\"options\":[\"yes\"]}}", 422)]
    [InlineData("{\"status\":\"boo\",\"spoiler_text\":\"careful\"}", 422)]
    [InlineData("[]", 422)]
    [InlineData("{\"status\":", 400)]
    [InlineData("", 400)]
    [InlineData("{\"status\":[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]}", 400)]
    public async Task What_cannot_be_posted_is_refused(string body, int expected)
    {
        var author = await network.SignUpAsync();
        await author.Http.PostJsonAsync(Path, new StringContent(body, Encoding.UTF8, "application/json"), (HttpStatusCode)expected);
        Assert.Empty((await author.Http.GetJsonAsync($"{author.Path}/statuses")).Ids());
    }

    [Fact]
    public async Task Takes_141_characters_as_people_count_them_and_not_one_more()
    {
        var author = await network.SignUpAsync();
        var family = string.Concat(Enumerable.Repeat("👨‍👩‍👧", 39)) + new string('a', 102);
        await author.Http.PostJsonAsync(Path, new { status = family });
        var error = await author.Http.PostJsonAsync(Path, new { status = family + "b" }, HttpStatusCode.UnprocessableEntity);
        Assert.Contains("141", error.Text("error"));
    }

    [Fact]
    public async Task What_is_too_long_for_a_call_is_refused_as_too_long()
    {
        var author = await network.SignUpAsync();
        var error = await author.Http.PostJsonAsync(Path, new { status = new string('a', 20_000) }, HttpStatusCode.UnprocessableEntity);
        Assert.Contains("141", error.Text("error"));
    }

    [Fact]
    public async Task A_body_over_64_KiB_is_refused_however_it_is_sent()
    {
        var author = await network.SignUpAsync();
        var body = new ByteArrayContent(new byte[70_000]);
        body.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        await author.Http.PostJsonAsync(Path, body, HttpStatusCode.RequestEntityTooLarge);

        using var chunked = new HttpRequestMessage(HttpMethod.Post, Path) { Content = new StringContent("{\"status\":\"" + new string('a', 70_000), Encoding.UTF8, "application/json") };
        chunked.Headers.TransferEncodingChunked = true;
        await JsonReplies.ReadAsync(await author.Http.SendAsync(chunked), HttpStatusCode.RequestEntityTooLarge);
    }

    [Fact]
    public async Task A_body_of_another_kind_is_refused()
    {
        var author = await network.SignUpAsync();
        await author.Http.PostJsonAsync(Path, new StringContent("hello", Encoding.UTF8, "text/plain"), HttpStatusCode.UnsupportedMediaType);
    }

    [Fact]
    public async Task Strangers_read_a_status_and_cannot_post()
    {
        var author = await network.SignUpAsync();
        var id = await author.SayAsync("for all");
        Assert.Equal("for all", (await network.Stranger().GetJsonAsync($"{Path}/{id}")).Text("text"));
        await network.Stranger().PostJsonAsync(Path, new { status = "me too" }, HttpStatusCode.Unauthorized);
    }

    [Theory, InlineData("999999999999"), InlineData("abc"), InlineData("-1"), InlineData("99999999999999999999"), InlineData("0")]
    public async Task An_unknown_id_is_not_found(string id)
    {
        var error = await network.Stranger().GetJsonAsync($"{Path}/{id}", HttpStatusCode.NotFound);
        Assert.Equal("Record not found", error.Text("error"));
    }

    [Fact]
    public async Task Deleting_answers_with_what_was_written_and_then_it_is_gone()
    {
        var author = await network.SignUpAsync();
        var id = await author.SayAsync("a mistke");
        Assert.Equal("a mistke", (await author.Http.DeleteJsonAsync($"{Path}/{id}")).Text("text"));
        await author.Http.GetJsonAsync($"{Path}/{id}", HttpStatusCode.NotFound);
        await author.Http.DeleteJsonAsync($"{Path}/{id}", HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Nobody_deletes_what_somebody_else_wrote()
    {
        var author = await network.SignUpAsync();
        var other = await network.SignUpAsync();
        var id = await author.SayAsync("mine");
        await other.Http.DeleteJsonAsync($"{Path}/{id}", HttpStatusCode.Forbidden);
        await network.Stranger().DeleteJsonAsync($"{Path}/{id}", HttpStatusCode.Unauthorized);
        await network.Stranger().GetJsonAsync($"{Path}/{id}");
    }

    [Fact]
    public async Task Nothing_surrounds_a_status()
    {
        var author = await network.SignUpAsync();
        var context = await network.Stranger().GetJsonAsync($"{Path}/{await author.SayAsync("alone")}/context");
        Assert.Equal(0, context.GetProperty("ancestors").GetArrayLength() + context.GetProperty("descendants").GetArrayLength());
        await network.Stranger().GetJsonAsync($"{Path}/5/context", HttpStatusCode.NotFound);
    }
}
