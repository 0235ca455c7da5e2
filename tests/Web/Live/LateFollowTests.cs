using Twite.Contracts;
using Twite.Web.Live;
using Twite.Web.Tests.Network;

namespace Twite.Web.Tests.Live;

/// <summary>What somebody says who was followed before the front end heard of it.</summary>
public sealed class LateFollowTests
{
    private const long Ann = 1;
    private const long Bob = 2;
    private const long Cleo = 3;

    [Fact]
    public async Task A_post_that_came_before_the_follow_is_shown_once()
    {
        await using var live = await LiveSetup.StartAsync();
        var reader = await live.OpenAsync(StreamRequest.Home(Ann, null));
        var followed = live.Follows.Set(Ann, Bob, follows: true);
        var bobs = await live.PostAsync(Bob);
        await Eventually.HoldsAsync(() => live.Feed.Mark == bobs);
        await live.PushAsync(live.Notifications.Number(new LiveUpdate { Followed = followed }));
        var last = await live.PostAsync(Ann);
        await Eventually.HoldsAsync(() => reader.Ids.Contains(last) && reader.Ids.Contains(bobs), live.Time);
        Assert.Equal([bobs, last], reader.Ids.Order());
    }

    [Fact]
    public async Task It_does_not_set_back_where_the_stream_goes_on_from()
    {
        await using var live = await LiveSetup.StartAsync();
        var reader = await live.OpenAsync(StreamRequest.Home(Ann, null));
        var followed = live.Follows.Set(Ann, Bob, follows: true);
        var bobs = await live.PostAsync(Bob);
        var anns = await live.PostAsync(Ann);
        await Eventually.HoldsAsync(() => reader.Ids.Contains(anns));
        await live.PushAsync(live.Notifications.Number(new LiveUpdate { Followed = followed }));
        await Eventually.HoldsAsync(() => reader.Ids.Contains(bobs), live.Time);
        Assert.Equal([anns, bobs], reader.Ids);
        Assert.Equal(anns, reader.LastEventId);
    }

    [Fact]
    public async Task A_post_lost_together_with_the_follow_is_shown()
    {
        await using var live = await LiveSetup.StartAsync();
        var reader = await live.OpenAsync(StreamRequest.Home(Ann, null));
        live.Notifications.Number(new LiveUpdate { Followed = live.Follows.Set(Ann, Bob, follows: true) });
        var lost = live.Notifications.Number(live.Messages.Post(Bob)).Posted.Message.Id;
        await live.PushAsync(live.Notifications.Tick());
        await Eventually.HoldsAsync(() => reader.Ids.Contains(lost), live.Time);
        Assert.Equal([lost], reader.Ids);
    }

    [Fact]
    public async Task A_follow_is_found_while_no_updates_come()
    {
        await using var live = await LiveSetup.StartAsync();
        live.Notifications.IsDown = true;
        var reader = await live.OpenAsync(StreamRequest.Home(Ann, null));
        await Eventually.PassAsync(live.Time, TimeSpan.FromSeconds(10));
        var start = live.Time.GetUtcNow();
        live.Follows.Set(Ann, Bob, follows: true);
        var bobs = live.Messages.Post(Bob).Message.Id;
        await Eventually.HoldsAsync(() => reader.Ids.Contains(bobs), live.Time);
        Assert.Equal([bobs], reader.Ids);
        Assert.InRange(live.Time.GetUtcNow() - start, TimeSpan.Zero, TimeSpan.FromSeconds(45));
    }

    [Fact]
    public async Task What_was_said_before_the_stream_began_is_not_shown()
    {
        await using var live = await LiveSetup.StartAsync();
        var first = await live.OpenAsync(StreamRequest.Home(Ann, null));
        var followed = live.Follows.Set(Ann, Bob, follows: true);
        var early = await live.PostAsync(Bob);
        await Eventually.HoldsAsync(() => live.Feed.Mark == early);
        var second = await live.OpenAsync(StreamRequest.Home(Ann, early));
        var late = await live.PostAsync(Bob);
        await Eventually.HoldsAsync(() => live.Feed.Mark == late);
        await live.PushAsync(live.Notifications.Number(new LiveUpdate { Followed = followed }));
        await Eventually.HoldsAsync(() => first.Ids.Count == 2 && second.Ids.Count > 0, live.Time);
        Assert.Equal([early, late], first.Ids);
        Assert.Equal([late], second.Ids);
    }

    [Fact]
    public async Task Who_is_followed_anew_is_shown_without_a_double()
    {
        await using var live = await LiveSetup.StartAsync();
        live.Follows.Set(Ann, Bob, follows: true);
        var reader = await live.OpenAsync(StreamRequest.Home(Ann, null));
        var wanted = new List<long> { await live.PostAsync(Bob) };
        await Eventually.HoldsAsync(() => reader.Ids.Contains(wanted[0]));
        for (var round = 0; round < 3; round++)
        {
            await live.PushAsync(live.Notifications.Number(new LiveUpdate { Unfollowed = live.Follows.Set(Ann, Bob, follows: false) }));
            await Eventually.HoldsAsync(() => live.Follows.IsRead, live.Time);
            var followed = live.Follows.Set(Ann, Bob, follows: true);
            wanted.Add(await live.PostAsync(Bob));
            await Eventually.HoldsAsync(() => live.Feed.Mark == wanted[^1]);
            await live.PushAsync(live.Notifications.Number(new LiveUpdate { Followed = followed }));
            wanted.Add(await live.PostAsync(Bob));
            await Eventually.HoldsAsync(() => wanted.TrueForAll(reader.Ids.Contains), live.Time);
        }
        Assert.Equal(wanted, reader.Ids.Order());
    }

    [Fact]
    public async Task Nobody_else_is_shown_on_the_occasion()
    {
        await using var live = await LiveSetup.StartAsync();
        var reader = await live.OpenAsync(StreamRequest.Home(Ann, null));
        await live.PostAsync(Cleo);
        var followed = live.Follows.Set(Ann, Bob, follows: true);
        var bobs = await live.PostAsync(Bob);
        var cleos = await live.PostAsync(Cleo);
        await Eventually.HoldsAsync(() => live.Feed.Mark == cleos);
        await live.PushAsync(live.Notifications.Number(new LiveUpdate { Followed = followed }));
        var last = await live.PostAsync(Ann);
        await Eventually.HoldsAsync(() => reader.Ids.Contains(last) && reader.Ids.Contains(bobs), live.Time);
        Assert.Equal([bobs, last], reader.Ids.Order());
    }

    [Fact]
    public async Task A_slow_reader_is_shown_it_too()
    {
        await using var live = await LiveSetup.StartAsync(
            new LiveOptions { ReceiverAddress = "inproc:web", QueueLength = 4 }, new FakeMessages { MaxPage = 3 });
        var slow = await live.OpenAsync(StreamRequest.Home(Ann, null), roomFor: 1);
        var quick = await live.OpenAsync(StreamRequest.Home(Ann, null));
        var wanted = new List<long>();
        var followed = live.Follows.Set(Ann, Bob, follows: true);
        for (var i = 0; i < 20; i++)
        {
            wanted.Add(await live.PostAsync(i % 2 == 0 ? Ann : Bob));
        }
        await Eventually.HoldsAsync(() => quick.Ids.Count == 10, live.Time);
        await live.PushAsync(live.Notifications.Number(new LiveUpdate { Followed = followed }));
        for (var i = 0; i < 20; i++)
        {
            wanted.Add(await live.PostAsync(i % 2 == 0 ? Ann : Bob));
        }
        await Eventually.HoldsAsync(() => quick.Ids.Count == 40, live.Time);
        slow.Read();
        await Eventually.HoldsAsync(() => slow.Ids.Count >= 40, live.Time);
        var last = await live.PostAsync(Bob);
        await Eventually.HoldsAsync(() => slow.Ids.Contains(last), live.Time);
        Assert.Equal([.. wanted, last], slow.Ids.Order());
        Assert.Equal([.. wanted, last], quick.Ids.Order());
    }

    [Fact]
    public async Task A_follow_heard_of_in_time_costs_one_reading_and_posts_cost_none()
    {
        await using var live = await LiveSetup.StartAsync();
        var reader = await live.OpenAsync(StreamRequest.Home(Ann, null));
        await live.PostAsync(Cleo);
        await Eventually.HoldsAsync(() => live.Feed.Mark == live.Messages.LastId);
        var readings = live.Messages.Readings;
        await live.PushAsync(live.Notifications.Number(new LiveUpdate { Followed = live.Follows.Set(Ann, Bob, follows: true) }));
        await Eventually.HoldsAsync(() => live.Messages.Readings > readings);
        var posts = new List<long>();
        for (var i = 0; i < 50; i++)
        {
            posts.Add(await live.PostAsync(Bob));
        }
        await Eventually.HoldsAsync(() => reader.Ids.Count == 50);
        Assert.Equal(posts, reader.Ids);
        Assert.Equal(readings + 1, live.Messages.Readings);
    }

    [Fact]
    public async Task Of_more_authors_than_are_kept_the_page_is_told_that_it_missed_something()
    {
        await using var live = await LiveSetup.StartAsync();
        var reader = await live.OpenAsync(StreamRequest.Home(Ann, null));
        await live.PostAsync(Bob);
        await Eventually.HoldsAsync(() => live.Feed.Mark == live.Messages.LastId);
        foreach (var author in Enumerable.Range(100, 2_000))
        {
            live.Follows.Set(Ann, author, follows: true);
        }
        live.Notifications.BeginEpoch();
        await live.PushAsync(live.Notifications.Tick());
        await Eventually.HoldsAsync(() => reader.Events.Any(e => e is StreamEvent.Skipped), live.Time);
        Assert.Single(reader.Events);
    }
}
