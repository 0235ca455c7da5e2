using System.Net;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using Status = Grpc.Core.Status;

namespace Anywire.Http.Tests.Rest;

/// <summary>Failures, as an HTTP client sees them.</summary>
public sealed class ProblemTests : IAsyncLifetime
{
    private readonly LibraryServer _library = new();

    public ValueTask InitializeAsync() => _library.InitializeAsync();

    public ValueTask DisposeAsync() => _library.DisposeAsync();

    [Theory]
    [InlineData(StatusCode.InvalidArgument, 400, "INVALID_ARGUMENT")]
    [InlineData(StatusCode.Unauthenticated, 401, "UNAUTHENTICATED")]
    [InlineData(StatusCode.PermissionDenied, 403, "PERMISSION_DENIED")]
    [InlineData(StatusCode.NotFound, 404, "NOT_FOUND")]
    [InlineData(StatusCode.AlreadyExists, 409, "ALREADY_EXISTS")]
    [InlineData(StatusCode.ResourceExhausted, 429, "RESOURCE_EXHAUSTED")]
    [InlineData(StatusCode.Unimplemented, 501, "UNIMPLEMENTED")]
    [InlineData(StatusCode.Unavailable, 503, "UNAVAILABLE")]
    [InlineData(StatusCode.DeadlineExceeded, 504, "DEADLINE_EXCEEDED")]
    public async Task A_status_is_HTTPs_and_a_problem(StatusCode code, int status, string name)
    {
        _library.Service.OnCall = (_, _) => throw new RpcException(new Status(code, "Nothing is well."));
        var reply = await _library.Http.GetAsync("/v1/shelves/7/books/1");
        Assert.Equal(status, (int)reply.StatusCode);
        Assert.Equal("application/problem+json", reply.Content.Headers.ContentType?.ToString());
        var problem = await ReadAsync(reply);
        Assert.Equal((status, name, "Nothing is well."), (problem.GetProperty("status").GetInt32(), Text(problem, "code"), Text(problem, "detail")));
        Assert.Equal(status == 401, reply.Headers.WwwAuthenticate.Count > 0);
    }

    [Fact]
    public async Task Details_are_JSON_that_people_can_read()
    {
        _library.Service.OnCall = (_, _) => throw RpcErrors.InvalidArgument("title", "TOO_LONG", "At most 100 characters.");
        var problem = await ReadAsync(await _library.Http.GetAsync("/v1/shelves/7/books/1"));
        var detail = problem.GetProperty("details")[0];
        Assert.Equal("type.googleapis.com/google.rpc.BadRequest", Text(detail, "@type"));
        Assert.Equal("TOO_LONG", Text(detail.GetProperty("fieldViolations")[0], "reason"));
    }

    [Fact]
    public async Task Details_of_a_type_that_nobody_knows_arrive_as_they_are()
    {
        var strange = new Any { TypeUrl = "type.example/strange.Thing", Value = ByteString.CopyFrom(8, 1) };
        _library.Service.OnCall = (_, _) => throw new Google.Rpc.Status { Code = (int)Code.Aborted, Message = "Odd.", Details = { strange } }.ToRpcException();
        var (client, wire) = _library.Connect();
        await using (wire)
        {
            var error = await Assert.ThrowsAsync<RpcException>(async () => await client.GetBookAsync(new GetBookRequest { Name = "shelves/1/books/2" }));
            Assert.Equal(strange, Assert.Single(error.GetRpcStatus()!.Details));
        }
    }

    [Fact]
    public async Task Too_many_says_when_to_come_back()
    {
        _library.Service.OnCall = (_, _) => throw RpcErrors.TooMany("Slow down.", TimeSpan.FromSeconds(41.2));
        var reply = await _library.Http.GetAsync("/v1/shelves/7/books/1");
        Assert.Equal(TimeSpan.FromSeconds(42), reply.Headers.RetryAfter?.Delta);
    }

    [Fact]
    public async Task A_failure_within_a_stream_is_its_last_event()
    {
        _library.Service.OnCall = async (_, context) =>
        {
            await context.WriteResponseHeadersAsync([]);
            throw new RpcException(new Status(StatusCode.DataLoss, "The tape broke."));
        };
        var text = await _library.Http.GetStringAsync("/v1/shelves/7:watch");
        Assert.StartsWith("event: end\ndata: {", text);
        Assert.Contains("\"code\":\"DATA_LOSS\"", text);
    }

    [Fact]
    public async Task A_bug_says_nothing_of_the_program()
    {
        _library.Service.OnCall = (_, _) => throw new InvalidOperationException("secret at line 7");
        var reply = await _library.Http.GetAsync("/v1/shelves/7/books/1");
        Assert.Equal(HttpStatusCode.InternalServerError, reply.StatusCode);
        Assert.DoesNotContain("secret", await reply.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("GET", "/nowhere", 404)]
    [InlineData("GET", "/v1/shelves", 404)]
    [InlineData("PUT", "/v1/shelves/7/books/1", 405)]
    [InlineData("GET", "/anywire.http.tests.Library/Sort", 405)]
    [InlineData("POST", "/anywire.http.tests.Library/Nothing", 404)]
    public async Task What_there_is_not_is_told_apart(string method, string path, int status)
    {
        var reply = await _library.Http.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));
        Assert.Equal(status, (int)reply.StatusCode);
        Assert.Equal(status == 405, reply.Content.Headers.Allow.Count > 0);
        Assert.NotEmpty(Text(await ReadAsync(reply), "detail")!);
    }

    [Fact]
    public async Task A_deadline_is_a_header_and_504()
    {
        _library.Service.OnCall = async (_, context) => await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.CancellationToken);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/shelves/7/books/1") { Headers = { { "Grpc-Timeout", "50m" } } };
        Assert.Equal(HttpStatusCode.GatewayTimeout, (await _library.Http.SendAsync(request)).StatusCode);
    }

    [Fact]
    public async Task Trailers_and_metadata_are_headers()
    {
        string? colour = null;
        _library.Service.OnCall = (_, context) =>
        {
            colour = context.RequestHeaders.GetValue("colour");
            context.ResponseTrailers.Add("cost", "3");
            return Task.CompletedTask;
        };
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/shelves/7/books/1") { Headers = { { "Colour", "blue" } } };
        var reply = await _library.Http.SendAsync(request);
        Assert.Equal("blue", colour);
        Assert.Equal("3", reply.Headers.GetValues("Trailer-Cost").Single());
    }

    [Fact]
    public async Task A_server_that_drains_says_so()
    {
        var arrived = new TaskCompletionSource();
        var release = new TaskCompletionSource();
        _library.Service.OnCall = (_, _) =>
        {
            arrived.SetResult();
            return release.Task;
        };
        var held = _library.Http.GetAsync("/v1/shelves/7/books/1");
        await arrived.Task;
        using var other = new HttpClient { BaseAddress = _library.Http.BaseAddress };
        Assert.Equal("ready\n", await other.GetStringAsync("/readyz"));
        var stopping = _library.StopAsync();
        var refused = await other.GetAsync("/v1/shelves/7/books/2");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Equal("draining", refused.Headers.GetValues(NotExecuted.TrailerKey).Single());
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await other.GetAsync("/readyz")).StatusCode);
        release.SetResult();
        Assert.Equal(HttpStatusCode.OK, (await held).StatusCode);
        await stopping;
    }

    private static string? Text(JsonElement json, string name) => json.GetProperty(name).GetString();

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage reply)
    {
        using var document = JsonDocument.Parse(await reply.Content.ReadAsStringAsync());
        return document.RootElement.Clone();
    }
}
