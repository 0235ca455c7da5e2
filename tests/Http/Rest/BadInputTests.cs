using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;

namespace Anywire.Http.Tests.Rest;

/// <summary>What nobody sends who means well: refused with the right status, and others do not notice.</summary>
public sealed class BadInputTests(LibraryServer library) : IClassFixture<LibraryServer>
{
    private const string Books = "/v1/shelves/7/books";

    [Theory]
    [InlineData("""{"titel":"Momo"}""", "titel")]
    [InlineData("""{"pages":"many"}""", "pages")]
    [InlineData("""{"pages":99999999999}""", "pages")]
    [InlineData("""{"pages":1.5}""", "pages")]
    [InlineData("""{"sequel":{"pages":-2147483649}}""", "sequel.pages")]
    [InlineData("""{"tags":"one"}""", "tags")]
    [InlineData("""{"title":7}""", "title")]
    [InlineData("""{"title":"a","title":"b"}""", "title")]
    [InlineData("{", "")]
    [InlineData("nonsense", "")]
    [InlineData("[]", "")]
    [InlineData("""{"title":"\ud800"}""", "title")]
    public async Task A_body_that_is_none_is_400_and_names_the_field(string body, string field)
    {
        var reply = await library.Http.PostAsync(Books, new StringContent(body, Encoding.UTF8, "application/json"));
        Assert.Equal(HttpStatusCode.BadRequest, reply.StatusCode);
        Assert.Contains(field, await reply.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("?page.limit=many", "page.limit")]
    [InlineData("?nothing=1", "nothing")]
    [InlineData("?page=1", "page")]
    [InlineData("?newest_first=perhaps", "newestFirst")]
    [InlineData("?page.limit=1&page.limit=2", "page.limit")]
    [InlineData("?shelf=8", "shelf")]
    public async Task A_query_that_is_none_is_400_and_names_the_parameter(string query, string field)
    {
        var reply = await library.Http.GetAsync(Books + query);
        Assert.Equal(HttpStatusCode.BadRequest, reply.StatusCode);
        Assert.Contains(field, await reply.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Ten_thousand_levels_are_refused()
    {
        var deep = $$"""{"tags":{{new string('[', 10_000)}}{{new string(']', 10_000)}}}""";
        var reply = await library.Http.PostAsync(Books, new StringContent(deep, Encoding.UTF8, "application/json"));
        Assert.Equal(HttpStatusCode.BadRequest, reply.StatusCode);
    }

    [Theory, InlineData("text/plain"), InlineData("application/x-www-form-urlencoded"), InlineData(null)]
    public async Task A_body_of_another_type_is_415(string? type)
    {
        var body = new ByteArrayContent("title=Momo"u8.ToArray());
        body.Headers.ContentType = type is null ? null : MediaTypeHeaderValue.Parse(type);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await library.Http.PostAsync(Books, body)).StatusCode);
    }

    [Fact]
    public async Task Bytes_that_are_no_protobuf_are_400()
    {
        var body = new ByteArrayContent([0xFF, 0xFF, 0xFF]) { Headers = { ContentType = new MediaTypeHeaderValue("application/protobuf") } };
        Assert.Equal(HttpStatusCode.BadRequest, (await library.Http.PostAsync(Books, body)).StatusCode);
    }

    [Fact]
    public async Task A_request_beyond_its_contract_is_429_in_words()
    {
        var reply = await library.Http.PostAsync(Books, new StringContent($$"""{"title":"{{new string('x', 1_000)}}"}""", Encoding.UTF8, "application/json"));
        Assert.Equal(HttpStatusCode.TooManyRequests, reply.StatusCode);
        Assert.Contains("at most 1,000 are allowed", await reply.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_hundred_megabytes_are_refused_before_they_are_sent()
    {
        using var socket = await ConnectAsync();
        await socket.SendAsync(Encoding.ASCII.GetBytes($"POST {Books} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 100000000\r\n\r\n"));
        Assert.StartsWith("HTTP/1.1 413 ", await FirstLineAsync(socket));
    }

    [Fact]
    public async Task A_body_that_never_ends_is_refused_in_bounded_memory()
    {
        using var socket = await ConnectAsync();
        await socket.SendAsync(Encoding.ASCII.GetBytes($"POST {Books} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"));
        var chunk = Encoding.ASCII.GetBytes("1000\r\n" + new string(' ', 0x1000) + "\r\n");
        var answer = FirstLineAsync(socket);
        var sent = 0L;
        try
        {
            while (!answer.IsCompleted && sent < 100_000_000)
            {
                sent += await socket.SendAsync(chunk);
            }
        }
        catch (SocketException)
        {
            // It was hung up on, after the answer.
        }
        Assert.StartsWith("HTTP/1.1 413 ", await answer);
        Assert.InRange(sent, 1, 20_000_000);
    }

    [Fact]
    public async Task Others_do_not_notice_a_hundred_who_send_half_a_body()
    {
        var sockets = new List<Socket>();
        try
        {
            for (var i = 0; i < 100; i++)
            {
                var socket = await ConnectAsync();
                sockets.Add(socket);
                await socket.SendAsync(Encoding.ASCII.GetBytes($"POST {Books} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{{\"title\":"));
            }
            Assert.Equal(HttpStatusCode.OK, (await library.Http.GetAsync("/v1/shelves/7/books/1")).StatusCode);
        }
        finally
        {
            sockets.ForEach(s => s.Dispose());
        }
    }

    [Theory]
    [InlineData("POST /v1/shelves/7/books HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n{}")]
    [InlineData("POST /v1/shelves/7/books HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n{}")]
    [InlineData("GET /v1/shelves/7/books/1 HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")]
    [InlineData("GET /v1/shelves/7/books/1\r\n\r\n")]
    [InlineData("GET  /v1 HTTP/1.1\r\nHost: a\r\n\r\n")]
    public async Task What_could_be_read_in_two_ways_is_400(string request)
    {
        using var socket = await ConnectAsync();
        await socket.SendAsync(Encoding.ASCII.GetBytes(request));
        Assert.StartsWith("HTTP/1.1 400 ", await FirstLineAsync(socket));
    }

    [Theory]
    [InlineData("""{"shelf":"8"}""", 400)]
    [InlineData("""{"shelf":"7"}""", 200)]
    [InlineData("""{"shelf":""}""", 200)]
    [InlineData("{}", 200)]
    public async Task A_body_may_repeat_the_path_and_not_contradict_it(string body, int status)
    {
        var reply = await library.Http.PostAsync("/v1/shelves/7:titles", new StringContent(body, Encoding.UTF8, "application/json"));
        Assert.Equal(status, (int)reply.StatusCode);
        Assert.Contains(status == 400 ? "shelf: The body says something else" : "\"name\":\"7\"", await reply.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/a/b/../../v1/files/x")]
    [InlineData("/v1/files/a/../x")]
    [InlineData("/v1/files/a/%2e%2E/x")]
    [InlineData("/v1/files/./x")]
    [InlineData("/v1/files/x/.%2e")]
    [InlineData("/v1/shelves/7/books/8/%2E")]
    [InlineData("http://library/v1/files/a/../x")]
    public async Task A_path_that_leads_up_and_down_is_400(string target)
    {
        using var socket = await ConnectAsync();
        await socket.SendAsync(Encoding.ASCII.GetBytes($"GET {target} HTTP/1.1\r\nHost: library\r\n\r\n"));
        Assert.StartsWith("HTTP/1.1 400 ", await FirstLineAsync(socket));
    }

    [Theory]
    [InlineData("http://library/v1/shelves/7/books/a%20b", "\"name\":\"shelves/7/books/a b\"")]
    [InlineData("http://library/v1/shelves/7/books/a?title=http%3A%2F%2Fx", "\"name\":\"shelves/7/books/a\"")]
    [InlineData("http://library/v1/files/a/b%2Fc/...", "\"path\":\"a/b/c/...\"")]
    [InlineData("/v1/files/..a/b..", "\"path\":\"..a/b..\"")]
    public async Task A_target_may_be_whole(string target, string reply)
    {
        using var socket = await ConnectAsync();
        await socket.SendAsync(Encoding.ASCII.GetBytes($"GET {target} HTTP/1.1\r\nHost: library\r\nConnection: close\r\n\r\n"));
        await using var stream = new NetworkStream(socket);
        using var reader = new StreamReader(stream);
        Assert.Contains(reply, await reader.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(30)), StringComparison.Ordinal);
    }

    private async Task<Socket> ConnectAsync()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, library.Endpoint.Port);
        return socket;
    }

    private static async Task<string> FirstLineAsync(Socket socket)
    {
        await using var stream = new NetworkStream(socket);
        using var reader = new StreamReader(stream);
        return await reader.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(30)) ?? "";
    }
}
