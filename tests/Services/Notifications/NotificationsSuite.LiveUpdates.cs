using Anywire;
using Grpc.Core;
using Twite.Contracts;
using Twite.Services.Bed;

namespace Twite.Services.Notifications;

/// <content>Leases, live updates, confirmations.</content>
public abstract partial class NotificationsSuite
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private IEnumerable<LiveUpdate> Updates => _bed.FrontEnd.Updates;

    [Fact]
    public async Task A_front_end_is_told_everything_with_numbers_of_its_own()
    {
        var lease = await _bed.RenewAsync();
        Assert.Equal(0, lease.LastNumber);
        await _bed.PostAsync(100, Ann, "hello @a2");
        await DeleteAsync(100);
        await _bed.FollowAsync(Ann, Cleo);
        await _bed.UnfollowAsync(Ann, Cleo);
        await _bed.CloseAsync(Ann, AccountState.Suspended);
        await _bed.UntilAsync(() => Updates.Count() == 7);
        Assert.Equal(
            [
                LiveUpdate.WhatOneofCase.Posted, LiveUpdate.WhatOneofCase.Notified, LiveUpdate.WhatOneofCase.Deleted, LiveUpdate.WhatOneofCase.Followed,
                LiveUpdate.WhatOneofCase.Notified, LiveUpdate.WhatOneofCase.Unfollowed, LiveUpdate.WhatOneofCase.AccountClosed,
            ],
            Updates.OrderBy(u => u.Number).Select(u => u.WhatCase));
        Assert.Equal([1, 2, 3, 4, 5, 6, 7], Updates.Select(u => u.Number).Order());
        Assert.All(Updates, u => Assert.Equal(lease.Epoch, u.Epoch));
        Assert.Equal((lease.Epoch, 7), ((await _bed.RenewAsync()).Epoch, (await _bed.RenewAsync()).LastNumber));
    }

    [Fact]
    public async Task An_update_says_all_that_the_event_said()
    {
        await _bed.RenewAsync();
        var post = _bed.NewPost(100, Ann, "hello @a2");
        await _bed.Client().OnMessagePostedAsync(post);
        await DeleteAsync(100);
        await _bed.UntilAsync(() => Updates.Count() == 3);
        Assert.Equal(new LivePost { Message = post.Message, PreviousChangeId = 99 }, Updates.Single(u => u.Posted is not null).Posted);
        Assert.Equal(new LiveDeletion { MessageId = 100, AuthorId = Ann, ChangeId = 1_100, PreviousChangeId = 1_099 }, Updates.Single(u => u.Deleted is not null).Deleted);
        var notified = Updates.Single(u => u.Notified is not null).Notified;
        Assert.Equal((Bob, Ann, 100L), (notified.AccountId, notified.Notification.AccountId, notified.Notification.MessageId));
    }

    [Fact]
    public async Task An_event_that_comes_again_is_not_announced_again()
    {
        await _bed.RenewAsync();
        var post = _bed.NewPost(100, Ann, "hello @a2");
        await _bed.Client().OnMessagePostedAsync(post);
        await _bed.Client().OnMessagePostedAsync(post);
        Assert.Equal(2, (await _bed.RenewAsync()).LastNumber);
    }

    [Fact]
    public async Task A_tick_repeats_the_last_number()
    {
        var lease = await _bed.RenewAsync();
        await _bed.PostAsync(100, Ann, "hello");
        await _bed.UntilAsync(() => _bed.FrontEnd.Ticks.Count >= 2, Second / 4);
        Assert.All(_bed.FrontEnd.Ticks, t => Assert.Equal((lease.Epoch, 1), (t.Epoch, t.Number)));
    }

    [Fact]
    public async Task Ticks_go_on_whatever_went_wrong_with_one()
    {
        await _bed.RenewAsync();
        _bed.Surprises = 1;
        await _bed.UntilAsync(() => _bed.Surprises == 0, Second / 4);
        _bed.FrontEnd.Ticks.Clear();
        await _bed.UntilAsync(() => _bed.FrontEnd.Ticks.Count >= 2, Second / 4);
    }

    [Fact]
    public async Task A_lease_that_is_not_renewed_ends_and_the_next_is_of_a_new_epoch()
    {
        var lease = await _bed.RenewAsync();
        for (var i = 0; i < 3; i++)
        {
            _bed.Time.Advance(10 * Second);
            Assert.Equal(lease.Epoch, (await _bed.RenewAsync()).Epoch);
        }
        _bed.Time.Advance(16 * Second);
        await _bed.UntilAsync(() => true);
        var next = await _bed.RenewAsync();
        Assert.True(next.Epoch > lease.Epoch);
        Assert.Equal(0, next.LastNumber);
    }

    [Fact]
    public async Task Nobody_is_told_after_the_lease_has_ended()
    {
        await _bed.RenewAsync();
        await _bed.UntilAsync(() => _bed.FrontEnd.Ticks.Count >= 10, Second);
        _bed.Time.Advance(16 * Second);
        var silent = 0;
        var ticks = -1;
        await _bed.UntilAsync(
            () =>
            {
                silent = ticks == _bed.FrontEnd.Ticks.Count ? silent + 1 : 0;
                ticks = _bed.FrontEnd.Ticks.Count;
                return silent > 20;
            },
            Second);
        await _bed.PostAsync(100, Ann, "hello");
        await _bed.RenewAsync("two");
        await _bed.PostAsync(101, Ann, "hello");
        await _bed.UntilAsync(() => Updates.Any());
        Assert.Equal(101, Assert.Single(Updates).Posted.Message.Id);
    }

    [Fact]
    public async Task The_way_to_a_front_end_is_asked_for_again_with_each_update_so_that_it_stays_open()
    {
        await _bed.RenewAsync();
        await _bed.UntilAsync(() => _bed.FrontEnd.Ticks.Count >= 3, Second);
        // Once for the lease.
        Assert.InRange(_bed.AskedForReceivers, 4, int.MaxValue);
    }

    [Fact]
    public async Task A_restart_goes_on_telling_under_a_new_epoch()
    {
        var lease = await _bed.RenewAsync();
        await _bed.RestartAsync();
        await _bed.PostAsync(100, Ann, "hello");
        await _bed.UntilAsync(() => Updates.Any());
        var update = Assert.Single(Updates);
        Assert.True(update.Epoch > lease.Epoch);
        Assert.Equal(1, update.Number);
        Assert.Equal(update.Epoch, (await _bed.RenewAsync()).Epoch);
    }

    [Fact]
    public async Task Of_a_front_end_that_was_restarted_only_the_one_that_is_there_is_told()
    {
        // Under the same address, where only the larger epoch is listened to; instances name themselves at random.
        await _bed.RenewAsync("z, which is gone");
        _bed.Time.Advance(Second);
        var there = await _bed.RenewAsync("a, which is there");
        await _bed.RestartAsync();
        Assert.Equal(await OnlyEpochAfterAsync(there.Epoch), (await _bed.RenewAsync("a, which is there")).Epoch);
    }

    [Fact]
    public async Task A_front_end_that_was_restarted_and_asks_before_Notifications_has_started_is_told_under_the_epoch_that_it_knows()
    {
        var before = await _bed.RenewAsync("is gone");
        _bed.Time.Advance(Second);
        RenewLeaseReply there = null!;
        await _bed.RestartAsync(async () => there = await _bed.RenewAsync("is there"));
        Assert.Equal(there.Epoch, await OnlyEpochAfterAsync(before.Epoch));
    }

    [Fact]
    public async Task A_lease_that_ended_before_a_restart_is_forgotten()
    {
        await _bed.RenewAsync();
        _bed.Time.Advance(20 * Second);
        await _bed.RestartAsync();
        await _bed.PostAsync(100, Ann, "hello");
        await _bed.RenewAsync("two");
        await _bed.PostAsync(101, Ann, "hello");
        await _bed.UntilAsync(() => Updates.Any());
        Assert.Equal(101, Assert.Single(Updates).Posted.Message.Id);
    }

    [Fact]
    public async Task What_has_lapsed_is_not_stored_any_longer()
    {
        await _bed.RenewAsync("one", await _bed.ListenForUpdatesAsync());
        await _bed.RenewAsync("two, and then restarted");
        await _bed.RenewAsync("three");
        Assert.Equal(2, await _bed.CountLeasesAsync());
        await _bed.UntilAsync(async () => await _bed.CountLeasesAsync() == 0, 5 * Second);
    }

    [Fact]
    public async Task Each_front_end_has_its_own_numbers()
    {
        await _bed.RenewAsync("one");
        await _bed.PostAsync(100, Ann, "hello");
        var two = await _bed.RenewAsync("two", await _bed.ListenForUpdatesAsync());
        await _bed.PostAsync(101, Ann, "hello");
        await _bed.UntilAsync(() => Updates.Count() == 3);
        Assert.Equal(1, Updates.Single(u => u.Epoch == two.Epoch).Number);
        Assert.Equal(2, (await _bed.RenewAsync("one")).LastNumber);
    }

    [Fact]
    public async Task A_receiver_that_nothing_can_reach_is_refused()
    {
        await Refusals.InvalidAsync("receiver_address", "ADDRESS", () => _bed.RenewAsync(address: "gopher://there:70"));
        await Refusals.InvalidAsync("receiver_address", "ADDRESS", () => _bed.RenewAsync(address: "/etc/passwd"));
        await Refusals.InvalidAsync("instance", "NAME", () => _bed.RenewAsync(instance: ""));
        await Refusals.InvalidAsync("instance", "NAME", () => _bed.RenewAsync(instance: new string('x', 65)));
        await Refusals.InvalidAsync("instance", "NAME", () => _bed.RenewAsync(instance: "a\nb"));
    }

    [Fact]
    public async Task Front_ends_are_bounded()
    {
        await _bed.RenewAsync("one");
        await _bed.RenewAsync("two", await _bed.ListenForUpdatesAsync());
        await _bed.RenewAsync("three", await _bed.ListenForUpdatesAsync());
        await _bed.RenewAsync("one");
        var fourth = await _bed.ListenForUpdatesAsync();
        await Refusals.StatusAsync(StatusCode.ResourceExhausted, () => _bed.RenewAsync("four", fourth));
    }

    [Fact]
    public async Task A_front_end_that_hangs_or_is_gone_holds_up_nothing()
    {
        _bed.FrontEnd.Stalled = new TaskCompletionSource();
        await _bed.RenewAsync();
        await _bed.RenewAsync("gone", carrier.EndpointOf("gone").ToString());
        for (var i = 0; i < 100; i++)
        {
            await _bed.PostAsync(100 + i, Ann, "@a2");
        }
        Assert.Equal(100, (await _bed.ListAsync(Bob)).Unread);
        _bed.FrontEnd.Stalled.SetResult();
        _bed.FrontEnd.Stalled = null;
    }

    [Fact]
    public async Task While_accounts_is_away_the_post_is_announced_and_the_mention_waits()
    {
        await _bed.RenewAsync();
        _bed.Accounts.IsDown = true;
        var post = _bed.NewPost(100, Ann, "@a2");
        var refusal = Refusals.StatusAsync(StatusCode.Aborted, async () => await _bed.Client().OnMessagePostedAsync(post));
        await _bed.UntilAsync(() => Updates.Any() && refusal.IsCompleted);
        await refusal;
        _bed.Accounts.IsDown = false;
        await _bed.Client().OnMessagePostedAsync(post);
        Assert.Single((await _bed.ListAsync(Bob)).Notifications);
        await _bed.UntilAsync(() => Updates.Count() == 2);
        Assert.Single(Updates, u => u.WhatCase == LiveUpdate.WhatOneofCase.Posted);
    }

    [Fact]
    public async Task A_sender_that_asked_for_it_is_told_what_was_handled_many_at_once()
    {
        var posts = Enumerable.Range(100, 20).Select(id => _bed.NewPost(id, Ann, "hello", confirm: true)).ToList();
        foreach (var post in posts)
        {
            await _bed.Client().OnMessagePostedAsync(post);
        }
        await _bed.PostAsync(200, Ann, "this one needs no confirmation");
        await _bed.UntilAsync(() => _bed.Messages.Confirmed.Sum(c => c.Count) == 20, TimeSpan.FromMilliseconds(10));
        Assert.Equal(posts.Select(p => p.Header.Id), _bed.Messages.Confirmed.SelectMany(c => c));
        Assert.InRange(_bed.Messages.Confirmed.Count, 1, 3);
    }

    [Fact]
    public async Task An_event_that_comes_again_is_confirmed_again()
    {
        var post = _bed.NewPost(100, Ann, "@a2", confirm: true);
        await _bed.Client().OnMessagePostedAsync(post);
        await _bed.UntilAsync(() => !_bed.Messages.Confirmed.IsEmpty, Second / 10);
        await _bed.Client().OnMessagePostedAsync(post);
        await _bed.UntilAsync(() => _bed.Messages.Confirmed.Count == 2, Second / 10);
    }

    [Fact]
    public async Task A_confirmation_that_fails_is_tried_again()
    {
        _bed.Messages.IsDown = true;
        await _bed.Client().OnMessagePostedAsync(_bed.NewPost(100, Ann, "hello", confirm: true));
        for (var i = 0; i < 5; i++)
        {
            await _bed.UntilAsync(() => true, Second);
            _bed.Time.Advance(Second);
        }
        _bed.Messages.IsDown = false;
        await _bed.UntilAsync(() => !_bed.Messages.Confirmed.IsEmpty, Second / 10);
    }

    [Fact]
    public async Task A_sender_is_told_which_of_its_events_were_given_up_and_why()
    {
        _bed.Module.OnDeadLetter(new DeadLetter("messages", "/twite.v1.NotificationsService/OnMessagePosted", "messages-7", "InvalidArgument: it says nothing."));
        // Nobody's, and one that its sender has no name for.
        _bed.Module.OnDeadLetter(new DeadLetter("", "", "", "It is no message."));
        _bed.Module.OnDeadLetter(new DeadLetter("messages", "/twite.v1.NotificationsService/OnMessagePosted", "", "x"));
        await _bed.UntilAsync(() => !_bed.Messages.Refused.IsEmpty, Second / 10);
        var refused = Assert.Single(_bed.Messages.Refused);
        Assert.Equal(("messages-7", "InvalidArgument: it says nothing."), (refused.EventId, refused.Reason));
    }

    /// <summary>The one under which the front end is told after an older one: by then it has had a tick of each.</summary>
    private async Task<long> OnlyEpochAfterAsync(long older)
    {
        await _bed.UntilAsync(() => Ticked().Count() >= 4, Second / 4);
        return Assert.Single(Ticked().Distinct());

        IEnumerable<long> Ticked() => _bed.FrontEnd.Ticks.Select(t => t.Epoch).Where(e => e > older);
    }
}
