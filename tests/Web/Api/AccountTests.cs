using System.Net;
using System.Text.Json;
using Twite.Contracts;

namespace Twite.Web.Tests.Api;

public sealed class AccountTests(ApiNetwork network)
{
    [Fact]
    public async Task Has_every_field_that_clients_expect()
    {
        var person = await network.SignUpAsync();
        var account = await network.Stranger().GetJsonAsync(person.Path);
        Assert.Equal(
            [
                "acct", "avatar", "avatar_static", "bot", "created_at", "discoverable", "display_name", "emojis", "fields", "followers_count",
                "following_count", "group", "header", "header_static", "id", "last_status_at", "locked", "note", "statuses_count", "suspended", "uri",
                "url", "username",
            ],
            account.EnumerateObject().Select(p => p.Name).Order());
        Assert.Equal(person.Id.ToString(), account.Text("id"));
        Assert.Equal($"{network.Url}/@{person.Name}", account.Text("url"));
    }

    [Theory, InlineData("{0}"), InlineData("@{0}"), InlineData("{0}@{1}"), InlineData("@{0}@{1}")]
    public async Task Is_found_by_name(string acct)
    {
        var person = await network.SignUpAsync();
        var typed = string.Format(acct, person.Name.ToUpperInvariant(), new Uri(network.Url).Authority);
        Assert.Equal(person.Name, (await network.Stranger().GetJsonAsync($"/api/v1/accounts/lookup?acct={typed}")).Text("username"));
    }

    [Theory]
    [InlineData("lookup?acct=nobody_at_all"), InlineData("lookup?acct=p1@elsewhere.example"), InlineData("lookup"), InlineData("lookup?acct=%00%27")]
    [InlineData("999999999"), InlineData("p1"), InlineData("99999999999999999999"), InlineData("999999999/followers"), InlineData("x/following")]
    public async Task Nobody_is_not_found(string path) =>
        await network.Stranger().GetJsonAsync($"/api/v1/accounts/{path}", HttpStatusCode.NotFound);

    [Fact]
    public async Task One_sees_of_oneself_what_was_written()
    {
        var person = await network.SignUpAsync();
        var session = await network.Accounts.VerifySessionAsync(new VerifySessionRequest { Token = person.Token });
        await network.Accounts.UpdateProfileAsync(
            new UpdateProfileRequest { DisplayName = "A <i>name</i>", Biography = "Birds & <script>alert(1)</script>\nand more" },
            Anywire.Identity.UserIdentity.Headers(session.Assertion));
        var account = await person.Http.GetJsonAsync("/api/v1/accounts/verify_credentials");
        Assert.Equal("Birds & <script>alert(1)</script>\nand more", account.GetProperty("source").Text("note"));
        Assert.Equal("<p>Birds &amp; &lt;script&gt;alert(1)&lt;/script&gt;<br />and more</p>", account.Text("note"));
        Assert.Equal("A <i>name</i>", account.Text("display_name"));
        await network.Stranger().GetJsonAsync("/api/v1/accounts/verify_credentials", HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Following_shows_in_relationships_and_counts()
    {
        var (one, other) = (await network.SignUpAsync(), await network.SignUpAsync());
        var relationship = await one.Http.PostJsonAsync($"{other.Path}/follow");
        Assert.Equal(
            [
                "blocked_by", "blocking", "domain_blocking", "endorsed", "followed_by", "following", "id", "languages", "muting",
                "muting_notifications", "note", "notifying", "requested", "requested_by", "showing_reblogs",
            ],
            relationship.EnumerateObject().Select(p => p.Name).Order());
        Assert.Equal((other.Id.ToString(), true, false), Of(relationship));
        await one.Http.PostJsonAsync($"{other.Path}/follow");
        Assert.Equal(1, (await one.Http.GetJsonAsync(other.Path)).GetProperty("followers_count").GetInt32());
        Assert.Equal(1, (await one.Http.GetJsonAsync(one.Path)).GetProperty("following_count").GetInt32());

        var seen = await other.Http.GetJsonAsync($"/api/v1/accounts/relationships?id[]={one.Id}&id[]={other.Id}");
        Assert.Equal([(one.Id.ToString(), false, true), (other.Id.ToString(), false, false)], seen.EnumerateArray().Select(Of));

        Assert.Equal((other.Id.ToString(), false, false), Of(await one.Http.PostJsonAsync($"{other.Path}/unfollow")));
        Assert.Equal(0, (await one.Http.GetJsonAsync(other.Path)).GetProperty("followers_count").GetInt32());
    }

    [Fact]
    public async Task Following_oneself_nobody_or_without_a_token_is_refused()
    {
        var person = await network.SignUpAsync();
        await person.Http.PostJsonAsync($"{person.Path}/follow", expected: HttpStatusCode.UnprocessableEntity);
        await person.Http.PostJsonAsync("/api/v1/accounts/999999999/follow", expected: HttpStatusCode.NotFound);
        await network.Stranger().PostJsonAsync($"{person.Path}/follow", expected: HttpStatusCode.Unauthorized);
        await network.Stranger().GetJsonAsync($"/api/v1/accounts/relationships?id[]={person.Id}", HttpStatusCode.Unauthorized);
        await person.Http.GetJsonAsync("/api/v1/accounts/relationships?id[]=x", HttpStatusCode.NotFound);
    }

    [Theory, InlineData(2), InlineData(80)]
    public async Task Followers_and_following_are_walked_without_gap_or_double(int limit)
    {
        var centre = await network.SignUpAsync();
        var around = new List<Person>();
        for (var i = 0; i < 5; i++)
        {
            around.Add(await network.SignUpAsync());
            await around[^1].Http.PostJsonAsync($"{centre.Path}/follow");
            await centre.Http.PostJsonAsync($"{around[^1].Path}/follow");
        }
        var expected = Enumerable.Reverse(around).Select(p => p.Id.ToString()).ToList();
        Assert.Equal(expected, (await network.Stranger().WalkAsync($"{centre.Path}/followers?limit={limit}", "next")).SelectMany(p => p));
        Assert.Equal(expected, (await network.Stranger().WalkAsync($"{centre.Path}/following?limit={limit}", "next")).SelectMany(p => p));
    }

    [Fact]
    public async Task Everybody_has_a_picture_that_other_sites_may_show()
    {
        var person = await network.SignUpAsync();
        var account = await network.Stranger().GetJsonAsync(person.Path);
        var reply = await network.Stranger().GetAsync(account.Text("avatar"));
        Assert.Equal("image/svg+xml", reply.Content.Headers.ContentType?.MediaType);
        Assert.Equal("cross-origin", reply.Headers.GetValues("Cross-Origin-Resource-Policy").Single());
        var svg = await reply.Content.ReadAsStringAsync();
        Assert.StartsWith("<svg ", svg);
        Assert.Equal(svg, await network.Stranger().GetStringAsync(account.Text("avatar_static")));
        Assert.StartsWith("<svg ", await network.Stranger().GetStringAsync(account.Text("header")));
        Assert.Equal(HttpStatusCode.NotFound, (await network.Stranger().GetAsync("/avatars/0.svg")).StatusCode);
    }

    private static (string Id, bool Following, bool FollowedBy) Of(JsonElement relationship) =>
        (relationship.Text("id"), relationship.GetProperty("following").GetBoolean(), relationship.GetProperty("followed_by").GetBoolean());
}
