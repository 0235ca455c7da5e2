using System.Net;
using System.Net.Http.Headers;
using Anywire;
using Grpc.Core;
using Twite.Web.Api;

namespace Twite.Web.Tests.Api;

public sealed class ErrorTests
{
    [Theory]
    [InlineData(StatusCode.Cancelled, 503), InlineData(StatusCode.Unknown, 500), InlineData(StatusCode.InvalidArgument, 422)]
    [InlineData(StatusCode.DeadlineExceeded, 504), InlineData(StatusCode.NotFound, 404), InlineData(StatusCode.AlreadyExists, 422)]
    [InlineData(StatusCode.PermissionDenied, 403), InlineData(StatusCode.Unauthenticated, 401), InlineData(StatusCode.ResourceExhausted, 503)]
    [InlineData(StatusCode.FailedPrecondition, 422), InlineData(StatusCode.Aborted, 500), InlineData(StatusCode.OutOfRange, 422)]
    [InlineData(StatusCode.Unimplemented, 500), InlineData(StatusCode.Internal, 500), InlineData(StatusCode.Unavailable, 503)]
    [InlineData(StatusCode.DataLoss, 500)]
    public void Every_code_of_a_service_has_a_status(StatusCode code, int expected) =>
        Assert.Equal(expected, ApiErrors.Of(new RpcException(new Status(code, "said"))).Status);

    [Theory]
    [InlineData(StatusCode.Unknown), InlineData(StatusCode.Internal), InlineData(StatusCode.DataLoss), InlineData(StatusCode.Unavailable), InlineData(StatusCode.DeadlineExceeded)]
    public void What_a_service_says_of_its_own_failure_stays_inside(StatusCode code) =>
        Assert.DoesNotContain("10.0.0.7", ApiErrors.Of(new RpcException(new Status(code, "connect to 10.0.0.7 failed"))).Message);

    [Fact]
    public void A_service_that_says_when_to_come_again_makes_429()
    {
        var error = ApiErrors.Of(RpcErrors.TooMany("Too often.", TimeSpan.FromSeconds(90)));
        Assert.Equal((429, "Too often.", TimeSpan.FromSeconds(90)), (error.Status, error.Message, error.RetryAfter!.Value));
    }
}

/// <summary>The same over HTTP, with services that fail. Nothing else may run beside: failures are everybody's.</summary>
[Collection("services fail"), CollectionDefinition("services fail", DisableParallelization = true)]
public sealed class FailingServiceTests(ApiNetwork network)
{
    [Theory]
    [InlineData("ListPublic", StatusCode.Unavailable, 503, "Messages do not answer"), InlineData("ListPublic", StatusCode.DeadlineExceeded, 504, "Messages do not answer")]
    [InlineData("CountFollows", StatusCode.Unavailable, 503, "Follows do not answer"), InlineData("ListPublic", StatusCode.Internal, 500, "went wrong")]
    public async Task A_service_that_fails_is_said_in_words(string method, StatusCode code, int expected, string words)
    {
        var author = await network.SignUpAsync();
        await author.SayAsync("there is something to show");
        using var failure = network.Probe.Fail(method, new RpcException(new Status(code, "no route to 10.0.0.7")));
        var reply = await network.Stranger().GetAsync("/api/v1/timelines/public");
        var error = await JsonReplies.ReadAsync(reply, (HttpStatusCode)expected);
        Assert.DoesNotContain("10.0.0.7", error.Text("error"));
        Assert.Contains(words, error.Text("error"));
        Assert.Equal(expected == 503, reply.Headers.RetryAfter is not null);
    }

    [Fact]
    public async Task A_token_is_not_called_invalid_while_nobody_can_check_it()
    {
        var person = await network.SignUpAsync();
        using var failure = network.Probe.Fail("VerifySession", new RpcException(new Status(StatusCode.Unavailable, "down")));
        await person.Http.GetJsonAsync("/api/v1/timelines/home", HttpStatusCode.ServiceUnavailable);
    }

    [Fact]
    public async Task What_was_posted_or_deleted_is_not_called_failed_because_something_else_is()
    {
        var person = await network.SignUpAsync();
        using var failure = network.Probe.Fail("CountFollows", new RpcException(new Status(StatusCode.Unavailable, "down")));
        var status = await person.Http.PostJsonAsync("/api/v1/statuses", new { status = "posted" });
        Assert.Equal(person.Name, status.GetProperty("account").Text("acct"));
        Assert.Equal("posted", (await person.Http.DeleteJsonAsync($"/api/v1/statuses/{status.Text("id")}")).Text("text"));
    }

    [Fact]
    public async Task A_bug_is_500_and_says_nothing_of_the_program()
    {
        using var failure = network.Probe.Fail("ListPublic", new InvalidOperationException("secret at line 7"));
        var error = await network.Stranger().GetJsonAsync("/api/v1/timelines/public", HttpStatusCode.InternalServerError);
        Assert.DoesNotContain("secret", error.Text("error"));
    }

    [Fact]
    public async Task A_services_throttle_is_passed_on()
    {
        var person = await network.SignUpAsync();
        using var failure = network.Probe.Fail("Post", RpcErrors.TooMany("Slow down.", TimeSpan.FromSeconds(42)));
        var reply = await person.Http.PostAsync("/api/v1/statuses", new FormUrlEncodedContent([KeyValuePair.Create("status", "a")]));
        Assert.Equal("Slow down.", (await JsonReplies.ReadAsync(reply, HttpStatusCode.TooManyRequests)).Text("error"));
        Assert.Equal(TimeSpan.FromSeconds(42), reply.Headers.RetryAfter?.Delta);
    }

    [Theory]
    [InlineData("GET", "/api/v1/timelines/home"), InlineData("GET", "/api/v1/timelines/public"), InlineData("GET", "/api/v2/search?q=hello")]
    [InlineData("GET", "/api/v1/accounts/{0}"), InlineData("GET", "/api/v1/accounts/{0}/statuses"), InlineData("GET", "/api/v1/accounts/{0}/followers")]
    [InlineData("POST", "/api/v1/accounts/{0}/follow"), InlineData("GET", "/api/v1/notifications"), InlineData("GET", "/api/v1/accounts/verify_credentials")]
    [InlineData("POST", "/api/v1/statuses"), InlineData("DELETE", "/api/v1/statuses/{1}"), InlineData("GET", "/api/v1/statuses/{1}")]
    public async Task A_request_costs_the_token_and_at_most_five_calls_however_long_the_list(string method, string path)
    {
        var (reader, author) = (await network.SignUpAsync(), await network.SignUpAsync());
        await reader.Http.PostJsonAsync($"{author.Path}/follow");
        await author.Http.PostJsonAsync($"{reader.Path}/follow");
        for (var i = 0; i < 25; i++)
        {
            await author.SayAsync($"hello @{reader.Name} {i}");
        }
        await reader.NotifiedAsync(26);
        var own = await reader.SayAsync($"hello @{author.Name}");
        using var request = new HttpRequestMessage(new HttpMethod(method), string.Format(path, author.Id, own));
        request.Content = method == "POST" ? new FormUrlEncodedContent([KeyValuePair.Create("status", $"hello @{author.Name}")]) : null;
        request.Headers.Add(ServiceProbe.Counted, reader.Name);
        await JsonReplies.ReadAsync(await reader.Http.SendAsync(request), HttpStatusCode.OK);
        var calls = network.Probe.CallsOf(reader.Name);
        Assert.Single(calls, "VerifySession");
        Assert.True(calls.Count <= 6, string.Join(", ", calls));
    }
}

public sealed class RequestTests(ApiNetwork network)
{
    [Theory, InlineData("/api"), InlineData("/api/"), InlineData("/api/v1/polls/1"), InlineData("/api/v9"), InlineData("/api/v1/statuses/1/2/3")]
    public async Task What_there_is_not_is_404(string path) =>
        Assert.Equal("Record not found", (await network.Stranger().GetJsonAsync(path, HttpStatusCode.NotFound)).Text("error"));

    [Theory, InlineData("PUT", "/api/v1/statuses/1", "GET, DELETE"), InlineData("GET", "/api/v1/statuses", "POST"), InlineData("PATCH", "/api/v1/timelines/home", "GET")]
    public async Task Another_method_is_405(string method, string path, string allowed)
    {
        var reply = await network.Stranger().SendAsync(new HttpRequestMessage(new HttpMethod(method), path));
        await JsonReplies.ReadAsync(reply, HttpStatusCode.MethodNotAllowed);
        Assert.Equal(allowed, string.Join(", ", reply.Content.Headers.Allow));
    }

    [Theory, InlineData("Bearer wrong"), InlineData("Bearer"), InlineData("Basic YTpi"), InlineData("Bearer \"'; --")]
    public async Task A_token_that_is_none_is_401_everywhere(string authorization)
    {
        var http = network.Stranger();
        http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", authorization);
        foreach (var path in new[] { "/api/v1/timelines/home", "/api/v1/timelines/public", "/api/v1/streaming/user" })
        {
            var reply = await http.GetAsync(path);
            Assert.Equal("The access token is invalid", (await JsonReplies.ReadAsync(reply, HttpStatusCode.Unauthorized)).Text("error"));
            Assert.Equal("Bearer", reply.Headers.WwwAuthenticate.Single().Scheme);
        }
    }

    [Fact]
    public async Task A_token_in_the_address_or_in_a_cookie_does_not_count()
    {
        var person = await network.SignUpAsync();
        var http = network.Stranger();
        http.DefaultRequestHeaders.Add("Cookie", $"__Host-session={person.Token}; session={person.Token}");
        await http.GetJsonAsync($"/api/v1/timelines/home?access_token={person.Token}", HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Any_site_may_ask_and_read_the_links_but_without_cookies()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/timelines/public") { Headers = { { "Origin", "https://client.example" } } };
        var reply = await network.Stranger().SendAsync(request);
        Assert.Equal("*", reply.Headers.GetValues("Access-Control-Allow-Origin").Single());
        Assert.Contains("Link", reply.Headers.GetValues("Access-Control-Expose-Headers").Single());
        Assert.False(reply.Headers.Contains("Access-Control-Allow-Credentials"));
    }

    [Fact]
    public async Task Any_site_may_post_with_a_token()
    {
        using var request = new HttpRequestMessage(HttpMethod.Options, "/api/v1/statuses")
        {
            Headers =
            {
                { "Origin", "https://client.example" }, { "Access-Control-Request-Method", "POST" },
                { "Access-Control-Request-Headers", "authorization, content-type, idempotency-key" },
            },
        };
        var reply = await network.Stranger().SendAsync(request);
        Assert.Equal(HttpStatusCode.NoContent, reply.StatusCode);
        Assert.Equal("*", reply.Headers.GetValues("Access-Control-Allow-Origin").Single());
        Assert.Contains("Idempotency-Key", reply.Headers.GetValues("Access-Control-Allow-Headers").Single());
    }

    [Fact]
    public async Task Replies_are_not_kept_by_anybody_between()
    {
        var reply = await network.Stranger().GetAsync("/api/v1/timelines/public");
        Assert.Equal(new CacheControlHeaderValue { Private = true, NoStore = true }, reply.Headers.CacheControl);
        Assert.Equal("nosniff", reply.Headers.GetValues("X-Content-Type-Options").Single());
    }

    [Fact]
    public async Task Head_answers_like_get_without_a_body()
    {
        var reply = await network.Stranger().SendAsync(new HttpRequestMessage(HttpMethod.Head, "/api/v1/timelines/public"));
        Assert.Equal(HttpStatusCode.OK, reply.StatusCode);
        Assert.Empty(await reply.Content.ReadAsByteArrayAsync());
    }

    [Theory, InlineData("/api/v1/instance"), InlineData("/api/v2/instance")]
    public async Task Says_what_this_network_is(string path)
    {
        var instance = await network.Stranger().GetJsonAsync(path);
        Assert.Equal("Twite", instance.Text("title"));
        Assert.Contains("compatible; Twite", instance.Text("version"));
        Assert.Equal(141, instance.GetProperty("configuration").GetProperty("statuses").GetProperty("max_characters").GetInt32());
        Assert.Equal(network.Url, path.Contains("v1")
            ? instance.GetProperty("urls").Text("streaming_api") : instance.GetProperty("configuration").GetProperty("urls").Text("streaming"));
    }
}
