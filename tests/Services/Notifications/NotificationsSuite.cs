using Anywire.Brokers;
using Grpc.Core;
using Twite.Contracts;
using Twite.Services.Bed;

namespace Twite.Services.Notifications;

/// <summary>What holds for Notifications over any wire: this part, the lists.</summary>
public abstract partial class NotificationsSuite(Carrier carrier) : IAsyncLifetime
{
    private const long Ann = 1;
    private const long Bob = 2;
    private const long Cleo = 3;

    private NotificationsBed _bed = null!;

    public async ValueTask InitializeAsync() => _bed = await NotificationsBed.StartAsync(carrier);

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Fact]
    public async Task A_mention_is_on_the_list_of_whom_it_names()
    {
        await _bed.PostAsync(100, Ann, "hello @a2");
        var list = await _bed.ListAsync(Bob);
        var mention = Assert.Single(list.Notifications);
        Assert.Equal((NotificationType.Mention, Ann, 100L, false), (mention.Type, mention.AccountId, mention.MessageId, mention.Read));
        Assert.Equal(_bed.Time.GetUtcNow(), mention.CreatedAt.ToDateTimeOffset());
        Assert.Equal(1, list.Unread);
        Assert.Empty((await _bed.ListAsync(Ann)).Notifications);
    }

    [Fact]
    public async Task Nobody_is_notified_twice_of_one_message_or_of_oneself()
    {
        await _bed.PostAsync(100, Ann, "@a2 @A2 @a1 @nobody");
        Assert.Single((await _bed.ListAsync(Bob)).Notifications);
        Assert.Empty((await _bed.ListAsync(Ann)).Notifications);
    }

    [Fact]
    public async Task Accounts_is_asked_once_for_all_names_and_not_again_at_once()
    {
        await _bed.PostAsync(100, Ann, "@a2 @a3 @nobody");
        Assert.Equal(["a2", "a3", "nobody"], Assert.Single(_bed.Accounts.Asked));
        await _bed.PostAsync(101, Ann, "@a2 @nobody @a4");
        Assert.Equal(["a4"], _bed.Accounts.Asked.Last());
        await _bed.PostAsync(102, Ann, "nobody is named here");
        Assert.Equal(2, _bed.Accounts.Asked.Count);
        _bed.Time.Advance(TimeSpan.FromMinutes(2));
        await _bed.PostAsync(103, Ann, "@nobody");
        Assert.Equal(["nobody"], _bed.Accounts.Asked.Last());
    }

    [Fact]
    public async Task At_most_twenty_are_notified_of_one_message()
    {
        await _bed.PostAsync(100, Ann, string.Join(' ', Enumerable.Range(10, 25).Select(i => $"@a{i}")));
        Assert.Single((await _bed.ListAsync(29)).Notifications);
        Assert.Empty((await _bed.ListAsync(30)).Notifications);
    }

    [Fact]
    public async Task An_event_that_comes_again_changes_nothing()
    {
        var post = _bed.NewPost(100, Ann, "hello @a2");
        var follow = new Followed { Header = _bed.NewHeader("follows"), FollowerId = Ann, FolloweeId = Bob };
        for (var i = 0; i < 3; i++)
        {
            await _bed.Client().OnMessagePostedAsync(post);
            await _bed.Client("follows").OnFollowedAsync(follow);
        }
        await _bed.RestartAsync();
        await _bed.Client().OnMessagePostedAsync(post);
        await _bed.Client("follows").OnFollowedAsync(follow);
        Assert.Equal(2, (await _bed.ListAsync(Bob)).Notifications.Count);
    }

    [Fact]
    public async Task A_mention_that_comes_again_when_its_event_is_long_forgotten_changes_nothing()
    {
        var post = _bed.NewPost(100, Ann, "hello @a2");
        await _bed.Client().OnMessagePostedAsync(post);
        _bed.Time.Advance(TimeSpan.FromDays(8));
        await _bed.RenewAsync();
        await _bed.Client().OnMessagePostedAsync(post);
        await _bed.PostAsync(101, Ann, "@a2");
        Assert.Equal([101, 100], (await _bed.ListAsync(Bob)).Notifications.Select(n => n.MessageId));
        // Whether it is announced once more depends on how many came meanwhile; that Bob is told of 100 does not.
        await _bed.UntilAsync(() => Updates.Any(u => u.Notified is not null));
        Assert.Equal(101, Assert.Single(Updates, u => u.Notified is not null).Notified.Notification.MessageId);
    }

    [Fact]
    public async Task Following_again_makes_no_second_entry()
    {
        await _bed.FollowAsync(Ann, Bob);
        await _bed.UnfollowAsync(Ann, Bob);
        await _bed.FollowAsync(Ann, Bob);
        var list = await _bed.ListAsync(Bob);
        var first = Assert.Single(list.Notifications);
        Assert.Equal((NotificationType.Follow, Ann, 0L, 1), (first.Type, first.AccountId, first.MessageId, list.Unread));

        await _bed.MarkReadAsync(Bob, first.Id);
        await _bed.UnfollowAsync(Ann, Bob);
        await _bed.FollowAsync(Ann, Bob);
        list = await _bed.ListAsync(Bob);
        Assert.True(Assert.Single(list.Notifications).Id > first.Id);
        Assert.Equal(1, list.Unread);
    }

    [Fact]
    public async Task Followers_do_not_hide_each_other()
    {
        await _bed.FollowAsync(Ann, Bob);
        await _bed.FollowAsync(Cleo, Bob);
        Assert.Equal([Cleo, Ann], (await _bed.ListAsync(Bob)).Notifications.Select(n => n.AccountId));
    }

    [Fact]
    public async Task A_deleted_message_leaves_no_mention_whichever_is_heard_of_first()
    {
        await _bed.PostAsync(100, Ann, "@a2");
        await _bed.PostAsync(101, Ann, "@a2");
        await DeleteAsync(100);
        await DeleteAsync(102);
        await _bed.PostAsync(102, Ann, "@a2");
        Assert.Equal(101, Assert.Single((await _bed.ListAsync(Bob)).Notifications).MessageId);
    }

    [Fact]
    public async Task A_deleted_account_leaves_nothing_behind()
    {
        await _bed.PostAsync(100, Ann, "@a2");
        await _bed.FollowAsync(Bob, Ann);
        await _bed.FollowAsync(Cleo, Ann);
        await _bed.FollowAsync(Ann, Cleo);
        await _bed.CloseAsync(Ann, AccountState.Deleted);
        await _bed.PostAsync(101, Ann, "@a2");
        await _bed.PostAsync(102, Bob, "@a1");
        await _bed.FollowAsync(Ann, Cleo);
        Assert.Empty((await _bed.ListAsync(Ann)).Notifications);
        Assert.Empty((await _bed.ListAsync(Bob)).Notifications);
        Assert.Empty((await _bed.ListAsync(Cleo)).Notifications);
    }

    [Fact]
    public async Task A_long_list_is_removed_whole()
    {
        for (var i = 0; i < 1_200; i++)
        {
            await _bed.PostAsync(100 + i, Ann, "@a2");
        }
        await _bed.CloseAsync(Bob, AccountState.Deleted);
        var list = await _bed.ListAsync(Bob);
        Assert.Equal((0, 0), (list.Notifications.Count, list.Unread));
    }

    [Fact]
    public async Task What_a_suspended_person_did_is_hidden_until_it_is_lifted()
    {
        await _bed.PostAsync(100, Ann, "@a2");
        await _bed.CloseAsync(Ann, AccountState.Suspended);
        var hidden = await _bed.ListAsync(Bob);
        Assert.Equal((0, 0), (hidden.Notifications.Count, hidden.Unread));
        _bed.Time.Advance(TimeSpan.FromMinutes(1));
        await _bed.CloseAsync(Ann, AccountState.Active);
        Assert.Single((await _bed.ListAsync(Bob)).Notifications);
        await _bed.CloseAsync(Ann, AccountState.Suspended, ago: TimeSpan.FromMinutes(1));
        Assert.Single((await _bed.ListAsync(Bob)).Notifications);
    }

    [Fact]
    public async Task Pages_go_both_ways()
    {
        for (var i = 0; i < 10; i++)
        {
            await _bed.PostAsync(100 + i, Ann, "@a2");
        }
        var all = (await _bed.ListAsync(Bob)).Notifications.Select(n => n.Id).ToList();
        Assert.Equal(all.OrderDescending(), all);
        Assert.Equal(all[..3], await IdsAsync(new Page { Limit = 3 }));
        Assert.Equal(all[3..6], await IdsAsync(new Page { Limit = 3, MaxId = all[2] }));
        Assert.Equal(all[..3], await IdsAsync(new Page { Limit = 3, SinceId = all[7] }));
        Assert.Equal(all[4..7], await IdsAsync(new Page { Limit = 3, MinId = all[7] }));
        Assert.Equal(all[..1], await IdsAsync(new Page { SinceId = all[1] }));
        Assert.Empty(await IdsAsync(new Page { MaxId = all[^1] }));
        await Refusals.InvalidAsync("page.limit", "NEGATIVE", () => _bed.ListAsync(Bob, new Page { Limit = -1 }));

        async Task<IReadOnlyList<long>> IdsAsync(Page page) => [.. (await _bed.ListAsync(Bob, page)).Notifications.Select(n => n.Id)];
    }

    [Fact]
    public async Task Reading_goes_forward_only_and_never_ahead()
    {
        for (var i = 0; i < 3; i++)
        {
            await _bed.PostAsync(100 + i, Ann, "@a2");
        }
        var ids = (await _bed.ListAsync(Bob)).Notifications.Select(n => n.Id).ToList();
        await _bed.MarkReadAsync(Bob, ids[1]);
        Assert.Equal([false, true, true], (await _bed.ListAsync(Bob)).Notifications.Select(n => n.Read));
        await _bed.MarkReadAsync(Bob, ids[2]);
        Assert.Equal(1, (await _bed.ListAsync(Bob)).Unread);
        await _bed.MarkReadAsync(Bob, long.MaxValue);
        Assert.Equal(0, (await _bed.ListAsync(Bob)).Unread);
        await _bed.MarkReadAsync(Cleo, long.MaxValue);
        await _bed.PostAsync(110, Ann, "@a2 @a3");
        Assert.Equal(1, (await _bed.ListAsync(Bob)).Unread);
        Assert.Equal(1, (await _bed.ListAsync(Cleo)).Unread);
    }

    [Fact]
    public async Task A_list_is_its_owners()
    {
        var client = _bed.Client("web");
        await Refusals.StatusAsync(StatusCode.Unauthenticated, async () => await client.ListNotificationsAsync(new ListNotificationsRequest()));
        await Refusals.StatusAsync(StatusCode.Unauthenticated, async () => await client.MarkReadAsync(new MarkReadRequest { UpToId = 1 }));
    }

    [Fact]
    public async Task Only_their_senders_bring_events()
    {
        var post = _bed.NewPost(100, Ann, "@a2");
        await Refusals.StatusAsync(StatusCode.PermissionDenied, async () => await _bed.Client("web").OnMessagePostedAsync(post));
        await Refusals.StatusAsync(StatusCode.PermissionDenied, async () => await _bed.Client("messages").OnFollowedAsync(
            new Followed { Header = _bed.NewHeader("follows"), FollowerId = Ann, FolloweeId = Bob }));
    }

    [Fact]
    public async Task An_event_without_its_header_is_refused()
    {
        var post = _bed.NewPost(100, Ann, "@a2");
        post.Header = null;
        await Refusals.InvalidAsync("header", "MISSING", async () => await _bed.Client().OnMessagePostedAsync(post));
        await Refusals.InvalidAsync("message", "MISSING", async () => await _bed.Client().OnMessagePostedAsync(
            new MessagePosted { Header = _bed.NewHeader() }));
        await Refusals.InvalidAsync("state", "UNKNOWN", () => _bed.CloseAsync(Ann, AccountState.Unspecified));
    }

    [Fact]
    public async Task Nobody_sends_ahead_what_is_another_s_so_that_it_is_taken_for_handled()
    {
        var post = _bed.NewPost(100, Ann, "@a2");
        await Refusals.InvalidAsync("header.id", "NOT_YOURS", async () => await _bed.Client("follows").OnFollowedAsync(
            new Followed { Header = post.Header, FollowerId = Ann, FolloweeId = Bob }));
        await Refusals.InvalidAsync("header.id", "NOT_YOURS", async () => await _bed.Client("follows").OnUnfollowedAsync(
            new Unfollowed { Header = post.Header, FollowerId = Ann, FolloweeId = Bob }));
        await _bed.Client().OnMessagePostedAsync(post);
        Assert.Equal(100, Assert.Single((await _bed.ListAsync(Bob)).Notifications).MessageId);
    }

    private async Task DeleteAsync(long messageId) => await _bed.Client().OnMessageDeletedAsync(new MessageDeleted
    {
        Header = _bed.NewHeader(),
        MessageId = messageId,
        AuthorId = Ann,
        ChangeId = messageId + 1_000,
        PreviousChangeId = messageId + 999,
    });
}

/// <summary>In process.</summary>
public sealed class NotificationsInProcess() : NotificationsSuite(new Carrier.InProcess());

/// <summary>Through serializer and frames.</summary>
public sealed class NotificationsWireForced() : NotificationsSuite(new Carrier.WireForced());

/// <summary>Through serializer and frames, on PostgreSQL.</summary>
public sealed class NotificationsOnServer(Postgres.PostgresTestServer server) : NotificationsSuite(LongForm.Only(() => new Carrier.WireForcedOnServer(server)));

/// <summary>Over gRPC, with mutual TLS.</summary>
public sealed class NotificationsGrpc() : NotificationsSuite(new Carrier.Grpc());

public sealed class NotificationsHttpJson() : NotificationsSuite(new Carrier.HttpJson());

public sealed class NotificationsHttpProtobuf() : NotificationsSuite(new Carrier.HttpProtobuf());

public sealed class NotificationsTcp() : NotificationsSuite(new Carrier.Tcp());

public sealed class NotificationsNats(SecuredNatsTestServer server) : NotificationsSuite(LongForm.Only(() => new Carrier.Nats(server)));

public sealed class NotificationsRabbitMq(RabbitMqTestServer server) : NotificationsSuite(LongForm.Only(() => new Carrier.RabbitMq(server)));
