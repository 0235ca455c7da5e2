using Anywire.Http.Client;
using Anywire.Http.Json;
using Anywire.Http.Mapping;
using Google.Protobuf;

namespace Anywire.Http.Tests.Rest;

/// <summary>What a generated client sends.</summary>
public sealed class ClientTests(LibraryServer library) : IClassFixture<LibraryServer>
{
    [Theory]
    [InlineData("shelves/7/books/a b", "GET", "http://library/v1/shelves/7/books/a%20b")]
    [InlineData("shelves/7/books/a?b", "GET", "http://library/v1/shelves/7/books/a%3Fb")]
    [InlineData("shelves/7/books/%", "GET", "http://library/v1/shelves/7/books/%25")]
    [InlineData("shelves/7", "POST", "http://library/anywire.http.tests.Library/GetBook")]
    [InlineData("shelves/7/books/..", "POST", "http://library/anywire.http.tests.Library/GetBook")]
    [InlineData("", "POST", "http://library/anywire.http.tests.Library/GetBook")]
    public void A_request_takes_its_route_where_it_fits(string name, string verb, string url) =>
        AssertSent(verb, url, "GetBook", new GetBookRequest { Name = name });

    [Fact]
    public void What_is_not_in_the_path_is_in_the_query() => AssertSent(
        "GET", "http://library/v1/shelves/7/books?page.limit=20&tags=a&tags=b%26c&newestFirst=true", "ListBooks",
        new ListBooksRequest { Shelf = "7", Page = new Page { Limit = 20 }, Tags = { "a", "b&c" }, NewestFirst = true });

    [Fact]
    public void A_query_that_would_be_too_long_becomes_a_body() => AssertSent(
        "POST", "http://library/anywire.http.tests.Library/ListBooks", "ListBooks",
        new ListBooksRequest { Shelf = "7", Tags = { Enumerable.Repeat("tag", 1_000) } });

    [Fact]
    public async Task A_field_alone_is_the_body()
    {
        using var sent = Create("CreateBook", new CreateBookRequest { Shelf = "7", Key = "k", Book = new Book { Title = "Momo" } });
        Assert.Equal(("POST", "http://library/v1/shelves/7/books?key=k"), (sent.Method.Method, sent.RequestUri!.OriginalString));
        Assert.Equal("""{"title":"Momo"}""", await sent.Content!.ReadAsStringAsync());
    }

    [Theory, InlineData(""), InlineData("?codec=protobuf")]
    public async Task Both_sides_agree_on_every_route(string query)
    {
        var (client, wire) = library.Connect(query);
        await using var _ = wire;
        Assert.Equal("shelves/7/books/a b/", (await client.GetBookAsync(new GetBookRequest { Name = "shelves/7/books/a b/" })).Name);
        Assert.Equal("..", (await client.GetFileAsync(new GetFileRequest { Path = ".." })).Path);
        Assert.Equal("a/b%2Fc", (await client.GetFileAsync(new GetFileRequest { Path = "a/b%2Fc" })).Path);
        Assert.Equal("shelves/7/books/k", (await client.CreateBookAsync(new CreateBookRequest { Shelf = "7", Key = "k", Book = new Book() })).Name);
        Assert.Equal(["a"], (await client.TitlesAsync(new ListBooksRequest { Shelf = "7", Tags = { "a" } })).Books[0].Tags);
        Assert.Equal(1_000, (await client.ListBooksAsync(new ListBooksRequest { Shelf = "7", Tags = { Enumerable.Repeat("tag", 1_000) } })).Books[0].Tags.Count);
        await client.DeleteBookAsync(new GetBookRequest { Name = "shelves/7/books/1" });
    }

    [Theory, InlineData(""), InlineData("?codec=protobuf")]
    public async Task A_field_that_is_the_body_arrives_as_it_was(string query)
    {
        var (client, wire) = library.Connect(query);
        await using var _ = wire;
        Assert.Equal(["a", "b"], (await client.TagShelfAsync(new ListBooksRequest { Shelf = "7", Tags = { "a", "b" } })).Books[0].Tags);
        Assert.Equal("k", (await client.LabelShelfAsync(new CreateBookRequest { Shelf = "7", Key = "k" })).Key);
        foreach (var offered in new[] { new CreateBookRequest { Shelf = "7" }, new CreateBookRequest { Shelf = "7", Book = new Book() }, new CreateBookRequest { Shelf = "7", Book = new Book { Pages = 1 } } })
        {
            Assert.Equal(offered, await client.OfferBookAsync(offered));
        }
    }

    [Theory, InlineData(null, false), InlineData("application/json", false), InlineData("application/protobuf", true)]
    public async Task A_body_without_bytes_is_a_field_only_in_protobuf(string? type, bool isSet)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/shelves/7:offer") { Content = new ByteArrayContent([]) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        request.Headers.Add("Accept", "application/json");
        var reply = await library.Http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(isSet, (await reply.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Contains("\"book\"", StringComparison.Ordinal));
        Assert.True(reply.IsSuccessStatusCode);
    }

    private static void AssertSent<T>(string verb, string url, string method, T request)
        where T : class, IMessage<T>
    {
        using var sent = Create(method, request);
        Assert.Equal((verb, url), (sent.Method.Method, sent.RequestUri!.OriginalString));
    }

    private static HttpRequestMessage Create<T>(string name, T request)
        where T : class, IMessage<T>
    {
        var descriptor = Library.Descriptor.FindMethodByName(name);
        var marshaller = Grpc.Core.Marshallers.Create<T>(static m => m.ToByteArray(), static _ => throw new NotSupportedException());
        var method = new Grpc.Core.Method<T, Book>(Grpc.Core.MethodType.Unary, descriptor.Service.FullName, name, marshaller, Grpc.Core.Marshallers.Create(static b => b.ToByteArray(), Book.Parser.ParseFrom));
        return new MethodRequests<T>(method, new Codec<T>(marshaller, new JsonCodec()), RestRoute.Of(descriptor), "http://library", isProtobuf: false).Create(request);
    }
}
