using Grpc.Core;

namespace Anywire.Http.Tests.Rest;

/// <summary>What a client makes of servers that do not answer as ours do.</summary>
public sealed class OddServerTests
{
    [Theory, InlineData("GET"), InlineData("DELETE")]
    public async Task A_request_is_sent_once_to_one_who_hangs_up(string verb)
    {
        await using var server = new RawServer("");
        var (client, wire) = LibraryServer.ConnectTo(server.Endpoint);
        await using var _ = wire;

        // Neither may be done twice: the waist tries none again.
        var file = new GetFileRequest { Path = "a" };
        var error = await FailsAsync(verb == "GET" ? client.GetFileAsync(file).ResponseAsync : client.DropFileAsync(file).ResponseAsync);

        Assert.Equal((StatusCode.Unavailable, false), (error.StatusCode, NotExecuted.IsMarked(error)));
        var sent = Assert.Single(server.Requests);
        Assert.StartsWith($"{verb} /v1/", sent, StringComparison.Ordinal);
        Assert.Contains("Content-Length: 0\r\n", sent.ReplaceLineEndings("\r\n"), StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("HTTP/1.1 204 No Content\r\n\r\n")]
    public async Task An_empty_answer_is_no_reply(string answer)
    {
        await using var server = new RawServer(answer);
        var (client, wire) = LibraryServer.ConnectTo(server.Endpoint);
        await using var _ = wire;
        var error = await FailsAsync(client.GetBookAsync(new GetBookRequest { Name = "shelves/7/books/1" }).ResponseAsync);
        Assert.Equal((StatusCode.Internal, "The answer of library cannot be read: it is empty."), (error.StatusCode, error.Status.Detail));
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("HTTP/1.1 204 No Content\r\n\r\n")]
    public async Task Where_nothing_is_to_be_said_an_empty_answer_says_it(string answer)
    {
        await using var server = new RawServer(answer);
        var (client, wire) = LibraryServer.ConnectTo(server.Endpoint);
        await using var _ = wire;
        await client.DeleteBookAsync(new GetBookRequest { Name = "shelves/7/books/1" });
    }

    [Fact]
    public async Task A_protobuf_without_bytes_is_a_reply_without_fields()
    {
        await using var server = new RawServer("HTTP/1.1 200 OK\r\nContent-Type: application/protobuf\r\nContent-Length: 0\r\n\r\n");
        var (client, wire) = LibraryServer.ConnectTo(server.Endpoint);
        await using var _ = wire;
        Assert.Equal(new Book(), await client.GetBookAsync(new GetBookRequest { Name = "shelves/7/books/1" }));
    }

    [Fact]
    public async Task An_event_that_never_ends_is_refused_before_it_fills_the_memory()
    {
        await using var server = new RawServer(
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n" + string.Concat(Enumerable.Repeat($"data: {new string('x', 1_000)}\n", 20_000)));
        var (client, wire) = LibraryServer.ConnectTo(server.Endpoint);
        await using var _ = wire;
        using var call = client.WatchShelf(new ListBooksRequest { Shelf = "7" });
        var error = await FailsAsync(call.ResponseStream.MoveNext(TestContext.Current.CancellationToken));
        Assert.Equal(StatusCode.ResourceExhausted, error.StatusCode);
    }

    private static Task<RpcException> FailsAsync(Task call) =>
        Assert.ThrowsAsync<RpcException>(() => call.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));
}
