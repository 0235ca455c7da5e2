using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Twite.Contracts;
using Twite.Follows;
using Twite.Services.Bed;

namespace Twite.Services.Follows;

public abstract partial class FollowsSuite
{
    [Fact]
    public async Task Notifications_is_told_once_of_each_change_and_of_nothing_else()
    {
        var (ada, eve) = (await SignUpAsync("ada"), await SignUpAsync("eve"));
        await FollowAsync(ada, eve.Id);
        await FollowAsync(ada, eve.Id);
        await UnfollowAsync(ada, eve.Id);
        await UnfollowAsync(ada, eve.Id);
        await ServiceBed.UntilAsync(() => _bed.Events.Notifications.Told.Count >= 2);
        var followed = Assert.Single(_bed.Events.Notifications.Told.OfType<Followed>());
        var unfollowed = Assert.Single(_bed.Events.Notifications.Told.OfType<Unfollowed>());
        Assert.Equal((ada.Id, eve.Id), (followed.FollowerId, followed.FolloweeId));
        Assert.Equal((ada.Id, eve.Id), (unfollowed.FollowerId, unfollowed.FolloweeId));
        Assert.StartsWith("follows-", followed.Header.Id, StringComparison.Ordinal);
        Assert.NotEqual(followed.Header.Id, unfollowed.Header.Id);
        Assert.False(followed.Header.Confirm, "On this wire an answer means handled.");
    }

    [Fact]
    public async Task Importing_twice_changes_nothing_and_tells_nobody()
    {
        var people = await ImportPeopleAsync(3);
        var request = new ImportFollowsRequest { Follows = { Edge(people[0], people[1]), Edge(people[1], people[0]), Edge(people[0], people[1]), Edge(people[2], people[0]) } };
        Assert.Equal(3, (await _bed.Follows("admin").ImportFollowsAsync(request.Clone())).Created);
        Assert.Equal(0, (await _bed.Follows("admin").ImportFollowsAsync(request.Clone())).Created);
        Assert.Equal([(1L, 2L), (1L, 1L), (1L, 0L)], await CountsAsync([.. people]));
        var ada = await SignUpAsync("ada");
        await FollowAsync(ada, people[0]);
        await ServiceBed.UntilAsync(() => !_bed.Events.Notifications.Told.IsEmpty);
        Assert.Equal(ada.Id, Assert.IsType<Followed>(Assert.Single(_bed.Events.Notifications.Told)).FollowerId);
    }

    [Fact]
    public async Task A_bad_import_imports_nothing()
    {
        var people = await ImportPeopleAsync(92);
        await Refusals.InvalidAsync("follows[1]", "ONESELF", () => ImportAsync(Edge(people[0], people[1]), Edge(people[1], people[1])));
        await Refusals.InvalidAsync("follows[1]", "UNKNOWN_ACCOUNT", () => ImportAsync(Edge(people[0], people[1]), Edge(people[1], 0)));
        await Refusals.InvalidAsync("follows", "TOO_MANY", () => ImportAsync([.. Enumerable.Repeat(Edge(people[0], people[1]), 5_001)]));
        await Refusals.StatusAsync(StatusCode.FailedPrecondition, () => ImportAsync([.. people.Skip(1).Select(other => Edge(people[0], other))]));
        Assert.Equal([(0L, 0L), (0L, 0L)], await CountsAsync(people[0], people[1]));
    }

    [Fact]
    public async Task A_deleted_account_s_follows_go_and_the_others_counts_with_them()
    {
        var (ada, eve, bob) = (await SignUpAsync("ada"), await SignUpAsync("eve"), await SignUpAsync("bob"));
        await FollowAsync(ada, eve.Id);
        await FollowAsync(eve, ada.Id);
        await FollowAsync(bob, eve.Id);
        await FollowAsync(ada, bob.Id);
        await _bed.Accounts().DeleteAccountAsync(new DeleteAccountRequest { Password = Person.Password }, eve.Headers);
        await ServiceBed.UntilAsync(() => Counts(eve.Id) == (0, 0));
        Assert.Equal([(1L, 0L), (0L, 0L), (0L, 1L)], await CountsAsync(ada.Id, eve.Id, bob.Id));
        Assert.Equal([bob.Id], await FollowingAsync(ada.Id));
        Assert.Empty(await FollowersAsync(eve.Id));
    }

    [Fact]
    public async Task More_edges_than_go_at_once_all_go()
    {
        var people = await ImportPeopleAsync(1_000);
        var star = await SignUpAsync("star");
        await ImportAsync([.. people.Select(fan => Edge(fan, star.Id)), .. people.Take(80).Select(other => Edge(star.Id, other))]);
        await TellAsync(star.Id, AccountState.Deleted, "accounts-1", minute: 1);
        Assert.Equal([(0L, 0L)], await CountsAsync(star.Id));
        Assert.All(await CountsAsync([.. people.Take(500)]), counts => Assert.Equal((0L, 0L), counts));
        Assert.All(await CountsAsync([.. people.Skip(500)]), counts => Assert.Equal((0L, 0L), counts));
    }

    [Fact]
    public async Task An_edge_of_a_deleted_account_is_never_left_behind()
    {
        var (ada, eve) = (await SignUpAsync("ada"), await SignUpAsync("eve"));
        // Follows has heard of it, Accounts' answer to "does it exist?" is from before.
        await TellAsync(eve.Id, AccountState.Deleted, "accounts-1", minute: 1);
        await Refusals.StatusAsync(StatusCode.NotFound, () => FollowAsync(ada, eve.Id));
        await Refusals.StatusAsync(StatusCode.Unauthenticated, () => FollowAsync(eve, ada.Id));
        await ImportAsync(Edge(ada.Id, eve.Id));
        Assert.Equal([(0L, 0L), (0L, 0L)], await CountsAsync(ada.Id, eve.Id));
    }

    [Fact]
    public async Task Suspended_people_keep_their_follows_and_make_none()
    {
        var (ada, eve) = (await SignUpAsync("ada"), await SignUpAsync("eve"));
        await FollowAsync(ada, eve.Id);
        await TellAsync(ada.Id, AccountState.Suspended, "accounts-1", minute: 1);
        await Refusals.StatusAsync(StatusCode.PermissionDenied, () => UnfollowAsync(ada, eve.Id));
        Assert.Equal([eve.Id], await FollowingAsync(ada.Id));
        await TellAsync(ada.Id, AccountState.Active, "accounts-2", minute: 2);
        await UnfollowAsync(ada, eve.Id);
    }

    [Theory]
    [InlineData(AccountState.Active, AccountState.Suspended, StatusCode.OK)] // the suspension was sent first and came last
    [InlineData(AccountState.Suspended, AccountState.Active, StatusCode.PermissionDenied)]
    [InlineData(AccountState.Deleted, AccountState.Active, StatusCode.Unauthenticated)]
    public async Task Of_two_events_the_later_holds_whichever_comes_first(AccountState later, AccountState earlier, StatusCode expected)
    {
        var (ada, eve) = (await SignUpAsync("ada"), await SignUpAsync("eve"));
        await TellAsync(ada.Id, later, "accounts-2", minute: 2);
        await TellAsync(ada.Id, earlier, "accounts-1", minute: 1);
        await ExpectAsync(expected, () => FollowAsync(ada, eve.Id));
    }

    [Fact]
    public async Task An_event_that_comes_again_changes_nothing()
    {
        var (ada, eve) = (await SignUpAsync("ada"), await SignUpAsync("eve"));
        await TellAsync(ada.Id, AccountState.Suspended, "accounts-1", minute: 1);
        await TellAsync(ada.Id, AccountState.Active, "accounts-2", minute: 2);
        await TellAsync(ada.Id, AccountState.Suspended, "accounts-1", minute: 1);
        await FollowAsync(ada, eve.Id);
    }

    [Fact]
    public async Task An_event_that_says_nothing_is_refused()
    {
        await Refusals.InvalidAsync("header", "MISSING", async () => await _bed.Follows("accounts").OnAccountClosedAsync(new AccountClosed { AccountId = 1, State = AccountState.Deleted }));
        await Refusals.InvalidAsync("state", "UNKNOWN", () => TellAsync(1, AccountState.Unspecified, "accounts-1", minute: 1));
        await Refusals.InvalidAsync("header.id", "NOT_YOURS", () => TellAsync(1, AccountState.Suspended, "messages-1", minute: 1));
    }

    [Fact]
    public async Task Accounts_is_told_which_of_its_events_were_given_up_and_why() =>
        Assert.Equal("It says nothing.", await _bed.GiveUpAsync(_bed.Module<FollowsModule>(), "follows"));

    private async Task ImportAsync(params ImportedFollow[] follows) =>
        await _bed.Follows("admin").ImportFollowsAsync(new ImportFollowsRequest { Follows = { follows } });

    private async Task TellAsync(long accountId, AccountState state, string eventId, int minute) => await _bed.Follows("accounts").OnAccountClosedAsync(new AccountClosed
    {
        Header = new EventHeader { Id = eventId, OccurredAt = Timestamp.FromDateTimeOffset(_bed.Time.GetUtcNow() + TimeSpan.FromMinutes(minute)) },
        AccountId = accountId,
        State = state,
    });

    private (long Following, long Followers) Counts(long id)
    {
        var counts = Follows.CountFollows(new CountFollowsRequest { AccountIds = { id } }).Counts[0];
        return (counts.Following, counts.Followers);
    }

    private static async Task ExpectAsync(StatusCode expected, Func<Task> call)
    {
        if (expected == StatusCode.OK)
        {
            await call();
        }
        else
        {
            await Refusals.StatusAsync(expected, call);
        }
    }
}
