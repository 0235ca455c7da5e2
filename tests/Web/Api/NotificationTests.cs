using System.Net;
using System.Text.Json;

namespace Twite.Web.Tests.Api;

public sealed class NotificationTests(ApiNetwork network)
{
    private const string Path = "/api/v1/notifications";

    [Fact]
    public async Task Tells_of_mentions_with_the_status_and_of_followers()
    {
        var (reader, _, id) = await MentionedAndFollowedAsync();
        var list = await reader.Http.GetJsonAsync(Path);
        Assert.Equal(["follow", "mention"], Types(list));
        Assert.Equal(JsonValueKind.Null, list[0].GetProperty("status").ValueKind);
        Assert.Equal(id, list[1].GetProperty("status").Text("id"));
        Assert.Equal(["account", "created_at", "group_key", "id", "status", "type"], list[0].EnumerateObject().Select(p => p.Name).Order());
    }

    [Fact]
    public async Task Says_who_did_it()
    {
        var (reader, actor, _) = await MentionedAndFollowedAsync();
        var list = await reader.Http.GetJsonAsync(Path);
        Assert.All(list.EnumerateArray(), n => Assert.Equal(actor.Name, n.GetProperty("account").Text("acct")));
    }

    [Theory, InlineData("types[]=mention", "mention"), InlineData("exclude_types[]=mention", "follow"), InlineData("types[]=poll", "")]
    public async Task Only_some_types_come_when_asked_for(string query, string expected)
    {
        var (reader, _, _) = await MentionedAndFollowedAsync();
        Assert.Equal(expected, string.Join(',', Types(await reader.Http.GetJsonAsync($"{Path}?{query}"))));
    }

    [Fact]
    public async Task A_mention_in_a_message_that_was_deleted_is_left_out()
    {
        var (reader, actor, id) = await MentionedAndFollowedAsync();
        await actor.Http.DeleteJsonAsync($"/api/v1/statuses/{id}");
        Assert.Equal(["follow"], Types(await reader.Http.GetJsonAsync(Path)));
    }

    [Fact]
    public async Task The_list_is_walked_without_gap_or_double()
    {
        var (reader, actor) = (await network.SignUpAsync(), await network.SignUpAsync());
        for (var i = 0; i < 5; i++)
        {
            await actor.SayAsync($"@{reader.Name} {i}");
        }
        var all = (await reader.NotifiedAsync(5)).Ids();
        Assert.Equal(all, (await reader.Http.WalkAsync($"{Path}?limit=2", "next")).SelectMany(p => p));
    }

    [Fact]
    public async Task Are_for_those_with_a_token() => await network.Stranger().GetJsonAsync(Path, HttpStatusCode.Unauthorized);

    private async Task<(Person Reader, Person Actor, string Id)> MentionedAndFollowedAsync()
    {
        var (reader, actor) = (await network.SignUpAsync(), await network.SignUpAsync());
        var id = await actor.SayAsync($"hello @{reader.Name}");
        await reader.NotifiedAsync(1);
        await actor.Http.PostJsonAsync($"{reader.Path}/follow");
        await reader.NotifiedAsync(2);
        return (reader, actor, id);
    }

    private static IEnumerable<string> Types(JsonElement list) => list.EnumerateArray().Select(n => n.Text("type"));
}
