using System.Net;

namespace Twite.Web.Tests.Api;

public sealed class TimelineTests(ApiNetwork network)
{
    [Fact]
    public async Task Home_shows_oneself_and_those_one_follows_newest_first()
    {
        var (reader, author, stranger) = (await network.SignUpAsync(), await network.SignUpAsync(), await network.SignUpAsync());
        await reader.Http.PostJsonAsync($"{author.Path}/follow");
        var first = await author.SayAsync("from somebody followed");
        await stranger.SayAsync("from a stranger");
        var second = await reader.SayAsync("from myself");
        Assert.Equal([second, first], (await reader.Http.GetJsonAsync("/api/v1/timelines/home")).Ids());
    }

    [Fact]
    public async Task Home_is_for_those_with_a_token()
    {
        var error = await network.Stranger().GetJsonAsync("/api/v1/timelines/home", HttpStatusCode.Unauthorized);
        Assert.Equal("The access token is invalid", error.Text("error"));
    }

    [Fact]
    public async Task The_public_timeline_is_for_everybody()
    {
        var author = await network.SignUpAsync();
        var id = await author.SayAsync("for all");
        Assert.Contains(id, (await network.Stranger().GetJsonAsync("/api/v1/timelines/public")).Ids());
        Assert.Empty((await network.Stranger().GetJsonAsync("/api/v1/timelines/public?remote=true")).Ids());
    }

    [Theory, InlineData(1), InlineData(3), InlineData(7), InlineData(40)]
    public async Task Next_links_walk_the_whole_list_without_gap_or_double(int limit)
    {
        var (author, ids) = await SomebodyTalkativeAsync();
        foreach (var path in new[] { $"{author.Path}/statuses", "/api/v1/timelines/home" })
        {
            var pages = await author.Http.WalkAsync($"{path}?limit={limit}", "next");
            Assert.Equal(Enumerable.Reverse(ids), pages.SelectMany(p => p));
            Assert.All(pages.SkipLast(1), p => Assert.Equal(limit, p.Count));
        }
    }

    [Theory, InlineData(1), InlineData(3), InlineData(40)]
    public async Task Previous_links_walk_it_back(int limit)
    {
        var (author, ids) = await SomebodyTalkativeAsync();
        var pages = await author.Http.WalkAsync($"{author.Path}/statuses?limit={limit}&min_id=1", "prev");
        Assert.Equal(ids, pages.SelectMany(Enumerable.Reverse));
    }

    [Fact]
    public async Task The_public_timeline_is_walked_whole_by_strangers()
    {
        var (_, ids) = await SomebodyTalkativeAsync();
        var walked = (await network.Stranger().WalkAsync($"/api/v1/timelines/public?limit=4&since_id={long.Parse(ids[0]) - 1}", "next"))
            .SelectMany(p => p).ToList();
        Assert.Equal(walked.Distinct(), walked);
        Assert.Empty(ids.Except(walked));
    }

    [Fact]
    public async Task Since_id_gives_the_newest_above_it_and_min_id_the_next()
    {
        var (author, ids) = await SomebodyTalkativeAsync();
        Assert.Equal([ids[^1], ids[^2]], (await author.Http.GetJsonAsync($"{author.Path}/statuses?limit=2&since_id={ids[0]}")).Ids());
        Assert.Equal([ids[2], ids[1]], (await author.Http.GetJsonAsync($"{author.Path}/statuses?limit=2&min_id={ids[0]}")).Ids());
        Assert.Equal([ids[1], ids[0]], (await author.Http.GetJsonAsync($"{author.Path}/statuses?limit=2&max_id={ids[2]}")).Ids());
    }

    [Theory, InlineData("0", 1), InlineData("-3", 1), InlineData("1000", 40), InlineData("many", 20), InlineData("", 20)]
    public async Task Any_limit_is_brought_within_bounds(string limit, int expected)
    {
        var author = await network.SignUpAsync();
        for (var i = 0; i < 42; i++)
        {
            await author.SayAsync($"number {i}");
        }
        Assert.Equal(expected, (await author.Http.GetJsonAsync($"{author.Path}/statuses?limit={limit}")).Ids().Count);
    }

    [Theory, InlineData("max_id"), InlineData("since_id"), InlineData("min_id")]
    public async Task A_bound_that_is_no_id_is_refused(string bound)
    {
        var error = await network.Stranger().GetJsonAsync($"/api/v1/timelines/public?{bound}=yesterday", HttpStatusCode.UnprocessableEntity);
        Assert.Contains(bound, error.Text("error"));
    }

    [Fact]
    public async Task An_empty_page_has_no_links()
    {
        var author = await network.SignUpAsync();
        var reply = await author.Http.GetAsync($"{author.Path}/statuses");
        Assert.Null(reply.LinkOf("next"));
    }

    [Fact]
    public async Task A_tag_has_a_timeline()
    {
        var author = await network.SignUpAsync();
        var tag = "t" + author.Name;
        var id = await author.SayAsync($"about #{tag}");
        await author.SayAsync("about nothing");
        Assert.Equal([id], (await network.Stranger().GetJsonAsync($"/api/v1/timelines/tag/{tag}")).Ids());
    }

    [Fact]
    public async Task Nobody_has_pinned_messages_or_pictures()
    {
        var (author, _) = await SomebodyTalkativeAsync();
        Assert.Empty((await author.Http.GetJsonAsync($"{author.Path}/statuses?pinned=true")).Ids());
        Assert.Empty((await author.Http.GetJsonAsync($"{author.Path}/statuses?only_media=true")).Ids());
        await author.Http.GetJsonAsync("/api/v1/accounts/999999/statuses", HttpStatusCode.NotFound);
    }

    private async Task<(Person Author, IReadOnlyList<string> Ids)> SomebodyTalkativeAsync()
    {
        var author = await network.SignUpAsync();
        var ids = new List<string>();
        for (var i = 0; i < 10; i++)
        {
            ids.Add(await author.SayAsync($"number {i}"));
        }
        return (author, ids);
    }
}
