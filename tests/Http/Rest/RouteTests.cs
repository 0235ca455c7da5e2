using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Google.Protobuf;

namespace Anywire.Http.Tests.Rest;

/// <summary>What an HTTP client sees that knows nothing of Anywire.</summary>
public sealed class RouteTests(LibraryServer library) : IClassFixture<LibraryServer>
{
    [Fact]
    public async Task A_path_holds_fields_and_a_reply_is_JSON()
    {
        var reply = await library.Http.GetAsync("/v1/shelves/7/books/a%20b");
        Assert.Equal(HttpStatusCode.OK, reply.StatusCode);
        Assert.Equal("application/json", reply.Content.Headers.ContentType?.ToString());
        Assert.Equal("""{"name":"shelves/7/books/a b","isbn":"9007199254740993"}""", await reply.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("/v1/books-by-title/a%2Fb", "a/b")]
    [InlineData("/v1/books-by-title/a%252Fb", "a%2Fb")]
    [InlineData("/v1/books-by-title/100%25", "100%")]
    [InlineData("/v1/books-by-title/a+b", "a+b")]
    [InlineData("/v1/books-by-title/%F0%9F%90%A6", "🐦")]
    public async Task A_segment_is_decoded_once(string path, string title) =>
        Assert.Equal(title, (await JsonAsync(path)).GetProperty("title").GetString());

    [Theory]
    [InlineData("/v1/files/a/b%2Fc/d.txt", "a/b/c/d.txt")]
    [InlineData("/v1/files/one", "one")]
    public async Task The_rest_of_a_path_is_a_field(string path, string value) =>
        Assert.Equal(value, (await JsonAsync(path)).GetProperty("path").GetString());

    [Fact]
    public async Task A_query_holds_what_the_path_does_not()
    {
        var book = (await JsonAsync("/v1/shelves/7/books?page.limit=20&page.cursor=x%26y&tags=new&tags=old&newest_first=true")).GetProperty("books")[0];
        Assert.Equal("""{"name":"7","title":"x&y","pages":20,"isbn":"1","tags":["new","old"]}""", book.GetRawText());
    }

    [Fact]
    public async Task A_field_is_the_body_and_what_is_made_has_a_place()
    {
        var reply = await library.Http.PostAsync("/v1/shelves/7/books?key=k1", Json("""{"title":"Momo","pages":304}"""));
        Assert.Equal(HttpStatusCode.Created, reply.StatusCode);
        Assert.Equal("/v1/shelves/7/books/k1", reply.Headers.Location?.OriginalString);
        Assert.Equal("""{"name":"shelves/7/books/k1","title":"Momo","pages":304}""", await reply.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Nothing_to_say_is_204()
    {
        var reply = await library.Http.DeleteAsync("/v1/shelves/7/books/1");
        Assert.Equal(HttpStatusCode.NoContent, reply.StatusCode);
        Assert.Empty(await reply.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task A_field_of_the_reply_may_be_the_body()
    {
        var reply = await library.Http.PostAsync("/v1/shelves/7:titles", Json("""{"tags":["a"]}"""));
        Assert.Equal("""[{"name":"7","tags":["a"]}]""", await reply.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Each_method_answers_to_its_gRPC_path_too()
    {
        var reply = await library.Http.PostAsync("/anywire.http.tests.Library/Sort", Json("""{"shelf":"7"}"""));
        Assert.Equal("""{"books":[{"name":"7"}]}""", await reply.Content.ReadAsStringAsync());
        var empty = await library.Http.PostAsync("/anywire.http.tests.Library/GetBook", null);
        Assert.Equal(HttpStatusCode.OK, empty.StatusCode);
    }

    [Theory, InlineData("application/protobuf"), InlineData("application/x-protobuf"), InlineData("application/protobuf; q=0.9, application/json; q=0.1")]
    public async Task Protobuf_comes_to_who_asks_for_it(string accept)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/shelves/7/books/1");
        request.Headers.TryAddWithoutValidation("Accept", accept);
        var reply = await library.Http.SendAsync(request);
        Assert.Equal("application/protobuf", reply.Content.Headers.ContentType?.ToString());
        Assert.Equal("shelves/7/books/1", Book.Parser.ParseFrom(await reply.Content.ReadAsByteArrayAsync()).Name);
    }

    [Fact]
    public async Task What_was_sent_as_protobuf_is_answered_so()
    {
        var body = new ByteArrayContent(new Book { Title = "Momo" }.ToByteArray()) { Headers = { ContentType = new MediaTypeHeaderValue("application/protobuf") } };
        var reply = await library.Http.PostAsync("/v1/shelves/7/books?key=k1", body);
        Assert.Equal("Momo", Book.Parser.ParseFrom(await reply.Content.ReadAsByteArrayAsync()).Title);
        Assert.Equal("/v1/shelves/7/books/k1", reply.Headers.Location?.OriginalString);
    }

    [Fact]
    public async Task A_stream_is_server_sent_events_with_an_end()
    {
        var reply = await library.Http.GetAsync("/v1/shelves/7:watch?page.limit=2");
        Assert.Equal("text/event-stream", reply.Content.Headers.ContentType?.ToString());
        Assert.Equal(
            "data: {\"pages\":1}\n\ndata: {\"pages\":2}\n\nevent: end\ndata: {\"code\":\"OK\",\"trailers\":{\"shelf\":[\"7\"]}}\n\n",
            await reply.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_stream_in_protobuf_is_frames()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/shelves/7:watch?page.limit=1") { Headers = { Accept = { new("application/vnd.anywire.stream") } } };
        var reply = await library.Http.SendAsync(request);
        Assert.Equal("application/vnd.anywire.stream", reply.Content.Headers.ContentType?.ToString());
        byte[] end = Encoding.UTF8.GetBytes("""{"code":"OK","trailers":{"shelf":["7"]}}""");
        // A book of one page is field 3, varint, 1.
        Assert.Equal([0, 0, 0, 0, 2, 0x18, 1, 0x80, 0, 0, 0, (byte)end.Length, .. end], await reply.Content.ReadAsByteArrayAsync());
    }

    [Theory, InlineData("/healthz", "alive\n"), InlineData("/readyz", "ready\n")]
    public async Task Load_balancers_are_answered(string path, string text) => Assert.Equal(text, await library.Http.GetStringAsync(path));

    private static StringContent Json(string json) => new(json, Encoding.UTF8, "application/json");

    private async Task<JsonElement> JsonAsync(string path)
    {
        using var document = JsonDocument.Parse(await library.Http.GetStringAsync(path));
        return document.RootElement.Clone();
    }
}
