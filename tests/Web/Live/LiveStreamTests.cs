using Grpc.Core;
using Twite.Contracts;
using Twite.Web.Live;
using Twite.Web.Tests.Network;

namespace Twite.Web.Tests.Live;

/// <summary>What one reader is shown.</summary>
public sealed class LiveStreamTests
{
    private const long Ann = 1;
    private const long Bob = 2;
    private const long Cleo = 3;

    [Fact]
    public async Task A_home_stream_shows_oneself_and_those_one_follows()
    {
        await using var live = await LiveSetup.StartAsync();
        live.Follows.Set(Ann, Bob, follows: true);
        var reader = await live.OpenAsync(StreamRequest.Home(Ann, null));
        long[] wanted = [await live.PostAsync(Ann), await live.PostAsync(Bob)];
        await live.PostAsync(Cleo);
        var last = await live.PostAsync(Ann);
        await Eventually.HoldsAsync(() => reader.Ids.Contains(last));
        Assert.Equal([.. wanted, last], reader.Ids);
    }

    [Fact]
    public async Task Follows_and_unfollows_change_it_while_it_runs()
    {
        await using var live = await LiveSetup.StartAsync();
        var reader = await live.OpenAsync(StreamRequest.Home(Ann, null));
        await live.PushAsync(live.Notifications.Number(new LiveUpdate { Followed = live.Follows.Set(Ann, Bob, follows: true) }));
        var shown = await live.PostAsync(Bob);
        await Eventually.HoldsAsync(() => reader.Ids.Contains(shown));
        await live.PushAsync(live.Notifications.Number(new LiveUpdate { Unfollowed = live.Follows.Set(Ann, Bob, follows: false) }));
        await live.PostAsync(Bob);
        var last = await live.PostAsync(Ann);
        await Eventually.HoldsAsync(() => reader.Ids.Contains(last));
        Assert.Equal([shown, last], reader.Ids);
    }

    [Fact]
    public async Task A_lost_follow_is_read_when_its_loss_is_found()
    {
        await using var live = await LiveSetup.StartAsync();
        var reader = await live.OpenAsync(StreamRequest.Home(Ann, null));
        live.Notifications.Number(new LiveUpdate { Followed = live.Follows.Set(Ann, Bob, follows: true) });
        await live.PushAsync(live.Notifications.Tick());
        await Eventually.HoldsAsync(
            () =>
            {
                _ = live.PostAsync(Bob);
                return reader.Ids.Count > 0;
            },
            live.Time);
    }

    [Fact]
    public async Task A_list_that_fails_in_a_way_nobody_expected_is_read_again()
    {
        await using var live = await LiveSetup.StartAsync();
        var reader = await live.OpenAsync(StreamRequest.Home(Ann, null));
        live.Follows.Set(Ann, Bob, follows: true);
        var faults = 0;
        live.Network.Fault = method =>
            method == "ListFollowingIds" && Interlocked.Increment(ref faults) == 1 ? new InvalidOperationException("nobody expected this") : null;
        live.Notifications.Number(new LiveUpdate { Followed = new LiveFollow { FollowerId = Ann, FolloweeId = Bob } });
        await live.PushAsync(live.Notifications.Tick());
        await Eventually.HoldsAsync(() => Volatile.Read(ref faults) > 1, live.Time);
        await Eventually.HoldsAsync(
            () =>
            {
                _ = live.PostAsync(Bob);
                return reader.Ids.Count > 0;
            },
            live.Time);
    }

    [Fact]
    public async Task A_renderer_that_hangs_does_not_hold_up_the_streams_of_another_over_and_over()
    {
        await using var live = await LiveSetup.StartAsync();
        var hanging = new HangingRenderer();
        await using var stuck = new RecordedStream(live.Feed.Streams, StreamRequest.Public(null), hanging, roomFor: null);
        var reader = await live.OpenAsync(StreamRequest.Public(null));
        await Eventually.HoldsAsync(() => stuck.Marks.Count > 0);
        await live.PostAsync(Ann);
        await Eventually.HoldsAsync(() => reader.Ids.Count == 1, live.Time);

        // Its stream is live again before the next post, and would hold it up again.
        for (var posts = 2; posts <= 4; posts++)
        {
            var start = live.Time.GetUtcNow();
            await live.PostAsync(Ann);
            await Eventually.HoldsAsync(() => reader.Ids.Count == posts, live.Time);
            Assert.InRange(live.Time.GetUtcNow() - start, TimeSpan.Zero, TimeSpan.FromSeconds(1));
        }
    }

    [Fact]
    public async Task A_renderer_that_hangs_keeps_no_stream_of_another_from_reading_what_it_missed()
    {
        await using var live = await LiveSetup.StartAsync(new LiveOptions { ReceiverAddress = "inproc:web", MaxCatchUps = 2 });
        var seen = await live.PostAsync(Ann);
        await live.PostAsync(Ann);
        await Eventually.HoldsAsync(() => live.Feed.Mark == live.Messages.LastId);
        var hanging = new HangingRenderer();
        await using var one = new RecordedStream(live.Feed.Streams, StreamRequest.Public(seen), hanging, roomFor: null);
        await using var two = new RecordedStream(live.Feed.Streams, StreamRequest.Public(seen), hanging, roomFor: null);
        await Eventually.HoldsAsync(() => hanging.Asked >= 2);
        // The clock stands: what hangs is not given up.
        var reader = live.Open(StreamRequest.Public(seen));
        await Eventually.HoldsAsync(() => reader.Ids.Count == 1);
    }

    [Fact(Timeout = 20_000)]
    public async Task Follows_that_come_in_the_wrong_order_are_set_right()
    {
        await using var live = await LiveSetup.StartAsync();
        var reader = await live.OpenAsync(StreamRequest.Home(Ann, null));
        var followed = new LiveUpdate { Followed = live.Follows.Set(Ann, Bob, follows: true) };
        var unfollowed = new LiveUpdate { Unfollowed = live.Follows.Set(Ann, Bob, follows: false) };
        await live.PushAsync(live.Notifications.Number(unfollowed), live.Notifications.Number(followed));

        // Until the list was read again a post of Bob's may still be shown.
        var shown = true;
        while (shown)
        {
            var (bobs, last) = (await live.PostAsync(Bob), await live.PostAsync(Ann));
            await Eventually.HoldsAsync(() => reader.Ids.Contains(last));
            shown = reader.Ids.Contains(bobs);
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
        }
    }

    [Fact]
    public async Task Notifications_go_to_their_owner_only()
    {
        await using var live = await LiveSetup.StartAsync();
        var (ann, bob) = (await live.OpenAsync(StreamRequest.Home(Ann, null)), await live.OpenAsync(StreamRequest.Home(Bob, null)));
        var mention = new LiveNotification { AccountId = Ann, Notification = new Notification { Id = 9, AccountId = Bob } };
        await live.PushAsync(live.Notifications.Number(new LiveUpdate { Notified = mention }));
        await live.PostAsync(Bob);
        await Eventually.HoldsAsync(() => ann.Events.Count == 1 && bob.Events.Count == 1);
        Assert.Equal(9, Assert.IsType<StreamEvent.Notified>(ann.Events[0]).Notification.Id);
        Assert.IsType<StreamEvent.Posted>(bob.Events[0]);
    }

    [Fact]
    public async Task A_notification_that_comes_twice_is_shown_once()
    {
        await using var live = await LiveSetup.StartAsync();
        var ann = await live.OpenAsync(StreamRequest.Home(Ann, null));
        LiveUpdate Mention(long id) => new() { Notified = new LiveNotification { AccountId = Ann, Notification = new Notification { Id = id, AccountId = Bob } } };
        var first = live.Notifications.Number(Mention(9));
        // The same datagram again, and another lease for the same address, which numbers by itself.
        await live.PushAsync(first, first.Clone());
        live.Notifications.BeginEpoch();
        await live.PushAsync(live.Notifications.Number(Mention(9)), live.Notifications.Number(Mention(10)));
        await Eventually.HoldsAsync(() => ann.Events.Count >= 2);
        Assert.Equal([9, 10], ann.Events.Select(e => Assert.IsType<StreamEvent.Notified>(e).Notification.Id));
    }

    [Fact]
    public async Task Reconnecting_shows_what_was_missed_and_then_goes_on()
    {
        await using var live = await LiveSetup.StartAsync();
        live.Follows.Set(Ann, Bob, follows: true);
        var first = await live.OpenAsync(StreamRequest.Home(Ann, null));
        await live.PostAsync(Bob);
        await Eventually.HoldsAsync(() => first.Ids.Count == 1);
        await first.DisposeAsync();

        long[] missed = [await live.PostAsync(Bob), await live.PostAsync(Ann)];
        await live.PostAsync(Cleo);
        await Eventually.HoldsAsync(() => live.Feed.Mark == live.Messages.LastId);
        var second = await live.OpenAsync(StreamRequest.Home(Ann, first.LastEventId));
        var next = await live.PostAsync(Bob);
        await Eventually.HoldsAsync(() => second.Ids.Count == 3, live.Time);
        Assert.Equal([.. missed, next], second.Ids);
    }

    [Fact]
    public async Task A_long_absence_is_read_page_by_page()
    {
        await using var live = await LiveSetup.StartAsync(messages: new FakeMessages { MaxPage = 10 });
        var first = await live.PostAsync(Bob);
        for (var i = 0; i < 95; i++)
        {
            await live.PostAsync(i % 2 == 0 ? Bob : Cleo);
        }
        await Eventually.HoldsAsync(() => live.Feed.Mark == live.Messages.LastId);
        live.Follows.Set(Ann, Bob, follows: true);
        var reader = await live.OpenAsync(StreamRequest.Home(Ann, first));
        await Eventually.HoldsAsync(() => reader.Ids.Count == 48, live.Time);
        Assert.Equal(live.Messages.IdsAfter(first, Ann, Bob), reader.Ids);
    }

    [Fact]
    public async Task A_page_newer_than_the_feed_is_not_shown_its_own_messages_again()
    {
        await using var live = await LiveSetup.StartAsync();
        var update = live.Notifications.Number(live.Messages.Post(Ann));
        var reader = await live.OpenAsync(StreamRequest.Public(live.Messages.LastId));
        await live.PushAsync(update);
        var next = await live.PostAsync(Ann);
        await Eventually.HoldsAsync(() => reader.Ids.Count > 0, live.Time);
        Assert.Equal([next], reader.Ids);
    }

    [Fact]
    public async Task An_absurd_cursor_does_not_silence_the_stream()
    {
        await using var live = await LiveSetup.StartAsync();
        await live.PostAsync(Ann);
        var reader = await live.OpenAsync(StreamRequest.Public(long.MaxValue));
        await Eventually.HoldsAsync(
            () =>
            {
                _ = live.PostAsync(Ann);
                return reader.Ids.Count > 0;
            },
            live.Time);
    }

    [Fact]
    public async Task A_slow_reader_is_shown_everything_from_the_database()
    {
        await using var live = await LiveSetup.StartAsync(new LiveOptions { ReceiverAddress = "inproc:web", QueueLength = 8 });
        var slow = await live.OpenAsync(StreamRequest.Public(null), roomFor: 1);
        var quick = await live.OpenAsync(StreamRequest.Public(null));
        for (var i = 0; i < 100; i++)
        {
            await live.PostAsync(Ann);
        }
        await Eventually.HoldsAsync(() => quick.Ids.Count == 100, live.Time);
        Assert.Empty(slow.Ids);
        slow.Read();
        await Eventually.HoldsAsync(() => slow.Ids.Count == 100, live.Time);
        var last = await live.PostAsync(Ann);
        await Eventually.HoldsAsync(() => slow.Ids.Count == 101, live.Time);
        Assert.Equal(live.Messages.IdsAfter(0), slow.Ids);
        Assert.Equal(last, slow.LastEventId);
    }

    [Fact]
    public async Task What_cannot_be_rendered_now_is_shown_later_and_in_order()
    {
        await using var live = await LiveSetup.StartAsync();
        var reader = await live.OpenAsync(StreamRequest.Public(null));
        live.Renderer.Fault = _ => new RpcException(new Status(StatusCode.Unavailable, "Accounts is down."));
        await live.PostAsync(Ann);
        await live.PostAsync(Ann);
        await Eventually.HoldsAsync(() => live.Renderer.Rendered >= 4, live.Time);
        Assert.Empty(reader.Ids);
        live.Renderer.Fault = _ => null;
        await Eventually.HoldsAsync(() => reader.Ids.Count == 2, live.Time);
        Assert.Equal(live.Messages.IdsAfter(0), reader.Ids);
    }

    [Fact]
    public async Task What_can_never_be_rendered_is_left_out_and_holds_up_nothing()
    {
        await using var live = await LiveSetup.StartAsync();
        var reader = await live.OpenAsync(StreamRequest.Public(null));
        var poison = live.Messages.Post(Ann, "poison");
        live.Renderer.Fault = e => e is StreamEvent.Posted { Message.Text: "poison" } ? new FormatException("poison") : null;
        await live.PushAsync(live.Notifications.Number(poison));
        var next = await live.PostAsync(Ann);
        await Eventually.HoldsAsync(() => reader.Ids.Count > 0, live.Time);
        Assert.Equal([next], reader.Ids);
    }

    [Fact]
    public async Task One_rendering_serves_all_streams()
    {
        await using var live = await LiveSetup.StartAsync();
        var readers = new List<RecordedStream>();
        for (var i = 0; i < 20; i++)
        {
            readers.Add(await live.OpenAsync(StreamRequest.Public(null)));
        }
        await live.PostAsync(Ann);
        await Eventually.HoldsAsync(() => readers.All(r => r.Ids.Count == 1));
        Assert.Equal(1, live.Renderer.Rendered);
    }

    [Fact]
    public async Task A_post_nobody_here_wants_is_not_rendered()
    {
        await using var live = await LiveSetup.StartAsync();
        var reader = await live.OpenAsync(StreamRequest.Home(Ann, null));
        await live.PostAsync(Cleo);
        var last = await live.PostAsync(Ann);
        await Eventually.HoldsAsync(() => reader.Ids.Count == 1);
        Assert.Equal(1, live.Renderer.Rendered);
    }

    [Fact]
    public async Task A_quiet_stream_is_kept_with_the_mark()
    {
        await using var live = await LiveSetup.StartAsync();
        var reader = await live.OpenAsync(StreamRequest.Home(Ann, null));
        var start = live.Time.GetUtcNow();
        var others = await live.PostAsync(Cleo);
        await Eventually.PassAsync(live.Time, TimeSpan.FromSeconds(10));
        await Eventually.HoldsAsync(() => reader.Marks[^1] == others, live.Time);
        Assert.InRange(live.Time.GetUtcNow() - start, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(17));
        Assert.Equal(others, reader.LastEventId);
    }

    [Fact]
    public async Task A_closed_account_ends_its_streams()
    {
        await using var live = await LiveSetup.StartAsync();
        var (ann, bob) = (await live.OpenAsync(StreamRequest.Home(Ann, null)), await live.OpenAsync(StreamRequest.Home(Bob, null)));
        await live.PushAsync(live.Notifications.Number(new LiveUpdate { AccountClosed = new LiveAccount { AccountId = Ann } }));
        await Eventually.HoldsAsync(() => ann.Ended.IsCompleted);
        Assert.False(bob.Ended.IsCompleted);
        await ann.DisposeAsync();
        var again = await live.OpenAsync(StreamRequest.Home(Ann, null));
        Assert.False(again.Ended.IsCompleted, "who is let in again may listen again");
    }

    [Fact]
    public async Task Stopping_ends_all_streams()
    {
        await using var live = await LiveSetup.StartAsync();
        var (ann, all) = (await live.OpenAsync(StreamRequest.Home(Ann, null)), await live.OpenAsync(StreamRequest.Public(null)));
        live.Feed.EndStreams();
        await Eventually.HoldsAsync(() => ann.Ended.IsCompleted && all.Ended.IsCompleted);
        Assert.Equal(StreamAdmission.Full, live.Feed.Streams.Join(StreamRequest.Public(null), live.Renderer, out _));
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task Stopping_ends_a_stream_at_once_that_catches_up_while_messages_is_away(bool hangs)
    {
        await using var live = await LiveSetup.StartAsync();
        var seen = await live.PostAsync(Bob);
        await live.PostAsync(Bob);
        await Eventually.HoldsAsync(() => live.Feed.Mark == live.Messages.LastId);
        (live.Messages.Hangs, live.Messages.IsDown) = (hangs, !hangs);
        var readings = live.Messages.Readings;
        var reader = live.Open(StreamRequest.Public(seen));
        await Eventually.HoldsAsync(() => live.Messages.Readings > readings);
        // The clock stands: no pause passes, and no deadline.
        live.Feed.EndStreams();
        await Eventually.HoldsAsync(() => reader.Ended.IsCompleted);
    }

    [Fact]
    public async Task Stopping_ends_a_stream_at_once_that_waits_for_the_first_reading()
    {
        await using var live = await LiveSetup.StartAsync(messages: new FakeMessages { IsDown = true }, ready: false);
        var reader = live.Open(StreamRequest.Public(null));
        live.Feed.EndStreams();
        await Eventually.HoldsAsync(() => reader.Ended.IsCompleted);
    }

    [Fact]
    public async Task Streams_are_bounded_in_all_and_per_account()
    {
        await using var live = await LiveSetup.StartAsync(new LiveOptions { ReceiverAddress = "inproc:web", MaxStreams = 3, MaxStreamsPerAccount = 2 });
        await live.OpenAsync(StreamRequest.Home(Ann, null));
        await live.OpenAsync(StreamRequest.Home(Ann, null));
        Assert.Equal(StreamAdmission.TooManyOfOne, live.Feed.Streams.Join(StreamRequest.Home(Ann, null), new TextRenderer(), out _));
        var third = await live.OpenAsync(StreamRequest.Home(Bob, null));
        Assert.Equal(StreamAdmission.Full, live.Feed.Streams.Join(StreamRequest.Public(null), live.Renderer, out _));
        await third.DisposeAsync();
        await live.OpenAsync(StreamRequest.Public(null));
    }

    [Fact]
    public async Task Without_follows_a_home_stream_waits_and_then_misses_nothing()
    {
        await using var live = await LiveSetup.StartAsync();
        live.Follows.Set(Ann, Bob, follows: true);
        var seen = await live.PostAsync(Bob);
        live.Follows.IsDown = true;
        var opening = live.OpenAsync(StreamRequest.Home(Ann, seen));
        var missed = await live.PostAsync(Bob);
        live.Follows.IsDown = false;
        var reader = await opening;
        await Eventually.HoldsAsync(() => reader.Ids.Count == 1, live.Time);
        Assert.Equal([missed], reader.Ids);
    }
}
