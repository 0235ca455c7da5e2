using Grpc.Core;
using Microsoft.Extensions.Logging.Abstractions;

namespace Anywire.Http.Tests.Rest;

/// <summary>The library over HTTP on a port of its own, for anybody to ask: no TLS, so that a test speaks it by hand.</summary>
public sealed class LibraryServer : IAsyncLifetime
{
    private readonly LibraryService _library = new();
    private AnywireServer _server = null!;

    public static ContractTable Contracts { get; } = new([Library.Descriptor]);

    public Endpoint Endpoint { get; private set; } = null!;

    /// <summary>What the handlers do; each test that changes it has a server of its own.</summary>
    internal LibraryService Service => _library;

    public HttpClient Http { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        _server = new AnywireServer(new AnywireServerOptions
        {
            Transports = new Transports(new HttpTransport()),
            Services = [new ServiceRegistration(Library.Descriptor, b => Library.BindService(b, _library))],
            Contracts = Contracts,
            Loggers = NullLoggerFactory.Instance,
        });
        Endpoint = await _server.ListenAsync(Endpoint.Parse("http://127.0.0.1:0"), CancellationToken.None);
        Http = new HttpClient { BaseAddress = Endpoint.Uri };
    }

    /// <summary>A generated client.</summary>
    internal (Library.LibraryClient Client, AnywireClient Wire) Connect(string query = "") => ConnectTo(Endpoint.Parse($"{Endpoint}{query}"));

    /// <summary>A generated client of whoever listens there.</summary>
    internal static (Library.LibraryClient Client, AnywireClient Wire) ConnectTo(Endpoint endpoint)
    {
        var wire = new AnywireClient(new HttpTransport(), new TransportClientOptions
        {
            Endpoints = [endpoint],
            Service = "library",
            Caller = "tester",
            Contracts = Contracts,
            Loggers = NullLoggerFactory.Instance,
            Time = TimeProvider.System,
        });
        return (new Library.LibraryClient(wire.Invoker), wire);
    }

    public Task StopAsync() => _server.StopAsync(CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _server.DisposeAsync();
    }
}

/// <summary>Answers with what it was asked, so that a test sees what arrived.</summary>
internal sealed class LibraryService : Library.LibraryBase
{
    /// <summary>Called with each request before it is answered.</summary>
    public Func<object, ServerCallContext, Task> OnCall { get; set; } = static (_, _) => Task.CompletedTask;

    public override async Task<Book> GetBook(GetBookRequest request, ServerCallContext context)
    {
        await OnCall(request, context);
        return new Book { Name = request.Name, Title = request.Title, Isbn = 9_007_199_254_740_993 };
    }

    public override async Task<ListBooksReply> ListBooks(ListBooksRequest request, ServerCallContext context)
    {
        await OnCall(request, context);
        return new ListBooksReply { Books = { Told(request) } };
    }

    public override async Task<Book> CreateBook(CreateBookRequest request, ServerCallContext context)
    {
        await OnCall(request, context);
        var made = request.Book?.Clone() ?? new Book();
        made.Name = $"shelves/{request.Shelf}/books/{request.Key}";
        return made;
    }

    public override async Task<Google.Protobuf.WellKnownTypes.Empty> DeleteBook(GetBookRequest request, ServerCallContext context)
    {
        await OnCall(request, context);
        return new Google.Protobuf.WellKnownTypes.Empty();
    }

    public override Task<ListBooksReply> Titles(ListBooksRequest request, ServerCallContext context) => ListBooks(request, context);

    public override Task<ListBooksReply> Sort(ListBooksRequest request, ServerCallContext context) => ListBooks(request, context);

    public override async Task WatchShelf(ListBooksRequest request, IServerStreamWriter<Book> responseStream, ServerCallContext context)
    {
        await OnCall(request, context);
        for (var page = 1; page <= (request.Page?.Limit ?? 0); page++)
        {
            await responseStream.WriteAsync(new Book { Pages = page });
        }
        context.ResponseTrailers.Add("shelf", request.Shelf);
    }

    public override Task<GetFileRequest> GetFile(GetFileRequest request, ServerCallContext context) => Task.FromResult(request);

    public override async Task<Google.Protobuf.WellKnownTypes.Empty> DropFile(GetFileRequest request, ServerCallContext context)
    {
        await OnCall(request, context);
        return new Google.Protobuf.WellKnownTypes.Empty();
    }

    public override Task<ListBooksReply> TagShelf(ListBooksRequest request, ServerCallContext context) => ListBooks(request, context);

    public override Task<CreateBookRequest> LabelShelf(CreateBookRequest request, ServerCallContext context) => Task.FromResult(request);

    public override Task<CreateBookRequest> OfferBook(CreateBookRequest request, ServerCallContext context) => Task.FromResult(request);

    private static Book Told(ListBooksRequest request) => new()
    {
        Name = request.Shelf,
        Title = request.Page?.Cursor ?? "",
        Pages = request.Page?.Limit ?? 0,
        Tags = { request.Tags },
        Isbn = request.NewestFirst ? 1 : 0,
    };
}
