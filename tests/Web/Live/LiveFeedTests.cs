using Twite.Web.Live;
using Twite.Web.Tests.Network;

namespace Twite.Web.Tests.Live;

/// <summary>What arrives and what is read becomes one sequence.</summary>
public sealed class LiveFeedTests
{
    [Fact]
    public async Task Shows_what_is_pushed_without_reading()
    {
        await using var live = await LiveSetup.StartAsync();
        var reader = await live.OpenAsync(StreamRequest.Public(null));
        var readings = live.Messages.Readings;
        long[] ids = [await live.PostAsync(1), await live.PostAsync(2)];
        await Eventually.HoldsAsync(() => reader.Ids.Count == 2);
        Assert.Equal(ids, reader.Ids);
        Assert.Equal(readings, live.Messages.Readings);
    }

    [Fact]
    public async Task Shows_deletions()
    {
        await using var live = await LiveSetup.StartAsync();
        var reader = await live.OpenAsync(StreamRequest.Public(null));
        var id = await live.PostAsync(1);
        var deletion = live.Messages.Delete(id);
        await live.PushAsync(live.Notifications.Number(deletion));
        await Eventually.HoldsAsync(() => reader.Events.Count == 2);
        Assert.Equal(new StreamEvent.Deleted(deletion.ChangeId, id, 1), reader.Events[1]);
    }

    [Fact]
    public async Task Puts_in_order_what_overtook_without_reading()
    {
        await using var live = await LiveSetup.StartAsync();
        var reader = await live.OpenAsync(StreamRequest.Public(null));
        var readings = live.Messages.Readings;
        var updates = Enumerable.Range(0, 5).Select(_ => live.Notifications.Number(live.Messages.Post(1))).ToList();
        await live.PushAsync([.. updates.AsEnumerable().Reverse()]);
        await Eventually.HoldsAsync(() => reader.Ids.Count == 5);
        Assert.Equal(reader.Ids.Order(), reader.Ids);
        Assert.Equal(readings, live.Messages.Readings);
    }

    [Fact]
    public async Task Shows_once_what_comes_twice()
    {
        await using var live = await LiveSetup.StartAsync();
        var reader = await live.OpenAsync(StreamRequest.Public(null));
        var update = live.Notifications.Number(live.Messages.Post(1));
        await live.PushAsync(update, update);
        var last = await live.PostAsync(1);
        await Eventually.HoldsAsync(() => reader.Ids.Contains(last));
        Assert.Equal([update.Posted.Message.Id, last], reader.Ids);
    }

    [Fact]
    public async Task Reads_what_the_next_change_shows_to_be_missing()
    {
        await using var live = await LiveSetup.StartAsync();
        var reader = await live.OpenAsync(StreamRequest.Public(null));
        var lost = live.Notifications.Number(live.Messages.Post(1));
        var next = await live.PostAsync(1);
        await Eventually.HoldsAsync(() => reader.Ids.Count == 2, live.Time);
        Assert.Equal([lost.Posted.Message.Id, next], reader.Ids);
    }

    [Fact]
    public async Task Reads_what_the_tick_shows_to_be_missing()
    {
        await using var live = await LiveSetup.StartAsync();
        var reader = await live.OpenAsync(StreamRequest.Public(null));
        var start = live.Time.GetUtcNow();
        var lost = live.Notifications.Number(live.Messages.Post(1));
        await live.PushAsync(live.Notifications.Tick());
        await Eventually.HoldsAsync(() => reader.Ids.Count == 1, live.Time);
        Assert.Equal([lost.Posted.Message.Id], reader.Ids);
        Assert.True(live.Time.GetUtcNow() - start < TimeSpan.FromSeconds(1), "the tick, not silence, made it read");
    }

    [Fact]
    public async Task Reads_now_and_then_what_Notifications_do_not_hear_of()
    {
        await using var live = await LiveSetup.StartAsync();
        var reader = await live.OpenAsync(StreamRequest.Public(null));
        var posted = live.Messages.Post(1).Message.Id;
        for (var second = 0; second < 20; second++)
        {
            await live.PushAsync(live.Notifications.Tick());
            await Eventually.PassAsync(live.Time, TimeSpan.FromSeconds(1));
        }
        await Eventually.HoldsAsync(() => reader.Ids.Count == 1);
        Assert.Equal([posted], reader.Ids);
    }

    [Fact]
    public async Task Waits_a_moment_before_it_reads()
    {
        await using var live = await LiveSetup.StartAsync();
        var reader = await live.OpenAsync(StreamRequest.Public(null));
        var readings = live.Messages.Readings;
        var late = live.Notifications.Number(live.Messages.Post(1));
        await live.PostAsync(1);
        live.Time.Advance(TimeSpan.FromMilliseconds(90));
        await live.PushAsync(late);
        await Eventually.HoldsAsync(() => reader.Ids.Count == 2);
        Assert.Equal(readings, live.Messages.Readings);
    }

    [Fact]
    public async Task Reads_after_a_new_epoch()
    {
        await using var live = await LiveSetup.StartAsync();
        var reader = await live.OpenAsync(StreamRequest.Public(null));
        live.Messages.Post(1);
        live.Notifications.BeginEpoch();
        var start = live.Time.GetUtcNow();
        await live.PushAsync(live.Notifications.Tick());
        await Eventually.HoldsAsync(() => reader.Ids.Count == 1, live.Time);
        Assert.True(live.Time.GetUtcNow() - start < TimeSpan.FromSeconds(1), "the epoch, not silence, made it read");
    }

    [Fact]
    public async Task Is_late_while_notifications_are_away_and_no_longer_than_two_seconds_after()
    {
        await using var live = await LiveSetup.StartAsync();
        Assert.False(live.Feed.IsLate);
        live.Notifications.IsDown = true;
        await Eventually.HoldsAsync(() => live.Feed.IsLate, live.Time);
        await Eventually.PassAsync(live.Time, TimeSpan.FromSeconds(30));
        live.Notifications.IsDown = false;
        var back = live.Time.GetUtcNow();
        await Eventually.HoldsAsync(() => !live.Feed.IsLate, live.Time);
        Assert.InRange(live.Time.GetUtcNow() - back, TimeSpan.Zero, TimeSpan.FromSeconds(2.5));
    }

    [Fact]
    public async Task Works_without_notifications_only_later()
    {
        await using var live = await LiveSetup.StartAsync();
        live.Notifications.IsDown = true;
        var reader = await live.OpenAsync(StreamRequest.Public(null));
        for (var round = 1; round <= 3; round++)
        {
            var start = live.Time.GetUtcNow();
            live.Messages.Post(1);
            await Eventually.HoldsAsync(() => reader.Ids.Count == round, live.Time);
            Assert.InRange(live.Time.GetUtcNow() - start, TimeSpan.Zero, TimeSpan.FromSeconds(6));
        }
        Assert.Equal(live.Messages.IdsAfter(0), reader.Ids);
    }

    [Fact]
    public async Task Polls_ever_less_while_nothing_happens()
    {
        await using var live = await LiveSetup.StartAsync();
        live.Notifications.IsDown = true;
        var before = live.Messages.Readings;
        await Eventually.PassAsync(live.Time, TimeSpan.FromSeconds(60));
        Assert.InRange(live.Messages.Readings - before, 8, 40);
    }

    [Fact]
    public async Task Holds_its_lease_by_renewing_it()
    {
        await using var live = await LiveSetup.StartAsync();
        await Eventually.PassAsync(live.Time, TimeSpan.FromSeconds(30));
        Assert.InRange(live.Notifications.Renewals, 5, 8);
        Assert.Equal("inproc:web", live.Notifications.Lease!.ReceiverAddress);
    }

    [Fact]
    public async Task Goes_on_when_messages_comes_back()
    {
        await using var live = await LiveSetup.StartAsync();
        var reader = await live.OpenAsync(StreamRequest.Public(null));
        live.Messages.IsDown = true;
        live.Messages.Post(1);
        await live.PostAsync(1);
        await Eventually.PassAsync(live.Time, TimeSpan.FromSeconds(5));
        Assert.Empty(reader.Ids);
        live.Messages.IsDown = false;
        await Eventually.HoldsAsync(() => reader.Ids.Count == 2, live.Time);
    }

    [Fact]
    public async Task Is_not_ready_before_messages_has_answered()
    {
        await using var live = await LiveSetup.StartAsync(messages: new FakeMessages { IsDown = true }, ready: false);
        await Eventually.HoldsAsync(() => live.Messages.Readings > 0);
        Assert.False(live.Feed.Readiness.IsReady);
        live.Messages.IsDown = false;
        await Eventually.HoldsAsync(() => live.Feed.Readiness.IsReady, live.Time);
    }

    [Fact]
    public async Task Misses_nothing_on_a_network_that_was_empty()
    {
        await using var live = await LiveSetup.StartAsync();
        Assert.Equal(1, live.Feed.Mark);
        var reader = await live.OpenAsync(StreamRequest.Public(null));
        live.Notifications.Number(live.Messages.Post(1));
        await live.PushAsync(live.Notifications.Tick());
        await Eventually.HoldsAsync(() => reader.Ids.Count == 1, live.Time);
    }

    [Fact]
    public async Task Shows_the_very_first_message_without_reading()
    {
        await using var live = await LiveSetup.StartAsync();
        var reader = await live.OpenAsync(StreamRequest.Public(null));
        var readings = live.Messages.Readings;
        await live.PostAsync(1);
        await Eventually.HoldsAsync(() => reader.Ids.Count == 1);
        Assert.Equal(readings, live.Messages.Readings);
    }

    [Fact]
    public async Task Reads_all_pages_of_a_long_gap()
    {
        await using var live = await LiveSetup.StartAsync(messages: new FakeMessages { MaxPage = 7 });
        var reader = await live.OpenAsync(StreamRequest.Public(null));
        for (var i = 0; i < 100; i++)
        {
            live.Messages.Post(1);
        }
        await live.PostAsync(1);
        await Eventually.HoldsAsync(() => reader.Ids.Count == 101, live.Time);
        Assert.Equal(live.Messages.IdsAfter(0), reader.Ids);
    }

    [Fact]
    public async Task An_inbox_that_overflows_is_a_loss_like_any_other()
    {
        await using var live = await LiveSetup.StartAsync(new LiveOptions { ReceiverAddress = "inproc:web", InboxLength = 2 });
        var reader = await live.OpenAsync(StreamRequest.Public(null));
        await live.PushAsync([.. Enumerable.Range(0, 500).Select(_ => live.Notifications.Number(live.Messages.Post(1)))]);
        await Eventually.HoldsAsync(() => reader.Ids.Count == 500, live.Time);
        Assert.Equal(live.Messages.IdsAfter(0), reader.Ids);
    }
}
