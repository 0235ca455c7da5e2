using System.Net;

namespace Twite.Web.Tests.Api;

public sealed class SearchTests(ApiNetwork network)
{
    [Fact]
    public async Task Finds_people_messages_and_tags_at_once()
    {
        var person = await network.SignUpAsync("sparrow");
        var id = await person.SayAsync($"{person.Name} and #{person.Name}hawks");
        var found = await network.Stranger().GetJsonAsync($"/api/v2/search?q={person.Name}");
        Assert.Equal(["accounts", "statuses", "hashtags"], found.EnumerateObject().Select(p => p.Name));
        Assert.Equal([person.Id.ToString()], found.GetProperty("accounts").Ids());
        Assert.Equal([id], found.GetProperty("statuses").Ids());
        Assert.Equal([$"{person.Name}hawks"], found.GetProperty("hashtags").EnumerateArray().Select(t => t.Text("name")));
    }

    [Theory, InlineData("accounts"), InlineData("statuses"), InlineData("hashtags")]
    public async Task Finds_one_kind_only_when_asked_to(string type)
    {
        var person = await network.SignUpAsync("wren");
        await person.SayAsync($"#{person.Name}");
        var found = await network.Stranger().GetJsonAsync($"/api/v2/search?q=%23{person.Name}&type={type}");
        // A person's name has no # in it.
        Assert.Equal(type == "accounts" ? [] : [type], found.EnumerateObject().Where(p => p.Value.GetArrayLength() > 0).Select(p => p.Name));
    }

    [Fact]
    public async Task Pages_by_offset_and_by_id()
    {
        var person = await network.SignUpAsync("owl");
        var ids = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            ids.Add(await person.SayAsync($"{person.Name} number {i}"));
        }
        ids.Reverse();
        var path = $"/api/v2/search?q={person.Name}&type=statuses&limit=2";
        Assert.Equal(ids[2..4], (await network.Stranger().GetJsonAsync($"{path}&offset=2")).GetProperty("statuses").Ids());
        Assert.Equal(ids[2..4], (await network.Stranger().GetJsonAsync($"{path}&max_id={ids[1]}")).GetProperty("statuses").Ids());
        Assert.Empty((await network.Stranger().GetJsonAsync($"{path}&offset=2000000000")).GetProperty("statuses").Ids());
    }

    [Fact]
    public async Task Finds_accounts_alone()
    {
        var person = await network.SignUpAsync("dunnock");
        Assert.Equal([person.Id.ToString()], (await person.Http.GetJsonAsync($"/api/v1/accounts/search?q=@{person.Name}")).Ids());
    }

    [Theory, InlineData("%22((*"), InlineData("%27%3B%20DROP%20TABLE%20messages%3B--"), InlineData(""), InlineData("%20"), InlineData("%23"), InlineData("%00"), InlineData("from:")]
    public async Task Anything_typed_is_safe(string query)
    {
        await network.Stranger().GetJsonAsync($"/api/v2/search?q={query}");
        await network.Stranger().GetJsonAsync($"/api/v1/accounts/search?q={query}");
    }

    [Fact]
    public async Task A_kind_that_there_is_not_is_refused() =>
        await network.Stranger().GetJsonAsync("/api/v2/search?q=a&type=places", HttpStatusCode.UnprocessableEntity);
}
