using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using Twite.Contracts;
using Twite.Web.Api;
using Twite.Web.Sessions;

namespace Twite.Web.Tests.Api;

public sealed class RateLimitTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 23, 23, 31, 0, TimeSpan.Zero));

    [Fact]
    public void Says_how_much_is_left_and_until_when()
    {
        using var limits = Limits(3);
        var http = From("192.0.2.1");
        limits.TakeRequest(http, null);
        limits.TakeRequest(http, null);
        Assert.Equal("3", http.Response.Headers["X-RateLimit-Limit"]);
        Assert.Equal("1", http.Response.Headers["X-RateLimit-Remaining"]);
        Assert.Equal("2026-11-23T23:35:00.000Z", http.Response.Headers["X-RateLimit-Reset"]);
    }

    [Fact]
    public void One_too_many_is_refused_until_the_window_ends()
    {
        using var limits = Limits(2);
        limits.TakeRequest(From("192.0.2.1"), null);
        limits.TakeRequest(From("192.0.2.1"), null);
        var refused = Assert.Throws<ApiException>(() => limits.TakeRequest(From("192.0.2.1"), null));
        Assert.Equal((429, TimeSpan.FromMinutes(4)), (refused.Status, refused.RetryAfter!.Value));
        _time.Advance(TimeSpan.FromMinutes(4));
        limits.TakeRequest(From("192.0.2.1"), null);
    }

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1", true)]
    [InlineData("2001:db8::1", "2001:db8::2", true)]
    [InlineData("2001:db8::1", "2001:db8:0:1::1", false)]
    public void Strangers_share_by_network(string one, string other, bool shared)
    {
        using var limits = Limits(1);
        limits.TakeRequest(From(one), null);
        Assert.Equal(shared, Record.Exception(() => limits.TakeRequest(From(other), null)) is not null);
    }

    [Fact]
    public void A_person_has_one_share_wherever_they_are_and_apart_from_others()
    {
        using var limits = Limits(1);
        limits.TakeRequest(From("192.0.2.1"), Person(1));
        limits.TakeRequest(From("192.0.2.1"), Person(2));
        Assert.Throws<ApiException>(() => limits.TakeRequest(From("192.0.2.9"), Person(1)));
    }

    [Fact]
    public void Deletions_have_a_share_of_their_own()
    {
        using var limits = Limits(1);
        limits.TakeDelete(From("192.0.2.1"), Person(1));
        limits.TakeRequest(From("192.0.2.1"), Person(1));
        Assert.Throws<ApiException>(() => limits.TakeDelete(From("192.0.2.1"), Person(1)));
    }

    [Fact]
    public async Task Too_many_requests_are_429_over_http()
    {
        await using var network = new ApiNetwork { Options = new ApiOptions { MaxRequests = 2, RequestWindow = TimeSpan.FromDays(1000) } };
        await network.InitializeAsync();
        await network.Stranger().GetJsonAsync("/api/v1/instance");
        await network.Stranger().GetJsonAsync("/api/v1/nothing", HttpStatusCode.NotFound);
        var reply = await network.Stranger().GetAsync("/api/v1/instance");
        await JsonReplies.ReadAsync(reply, HttpStatusCode.TooManyRequests);
        Assert.True(reply.Headers.RetryAfter?.Delta > TimeSpan.Zero);
        Assert.Equal("0", reply.Headers.GetValues("X-RateLimit-Remaining").Single());
    }

    private ApiRateLimits Limits(int count) => new(new ApiOptions { MaxRequests = count, MaxDeletes = count }, _time);

    private static DefaultHttpContext From(string address) => new() { Connection = { RemoteIpAddress = IPAddress.Parse(address) } };

    private static Viewer Person(long id) => new(new Account { Id = id, Name = $"p{id}" }, "", 0, IsProgram: true);
}
