using Anywire;
using Anywire.Brokers;
using Grpc.Core;
using Twite.Contracts;
using Twite.Services.Bed;

namespace Twite.Services.Follows;

/// <summary>What Follows does, whichever wire carries the calls.</summary>
public abstract partial class FollowsSuite(Func<Carrier> carrier) : IAsyncLifetime
{
    private ServiceBed _bed = null!;

    private FollowsService.FollowsServiceClient Follows => _bed.Follows();

    public async ValueTask InitializeAsync() => _bed = await ServiceBed.StartAsync(carrier(), follows: options => options with { MaxFollowing = 90 });

    public async ValueTask DisposeAsync()
    {
        await _bed.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Following_is_seen_from_both_sides()
    {
        var (ada, eve) = (await SignUpAsync("ada"), await SignUpAsync("eve"));
        await FollowAsync(ada, eve.Id);
        Assert.Equal([eve.Id], await FollowingAsync(ada.Id));
        Assert.Equal([ada.Id], await FollowersAsync(eve.Id));
        Assert.Equal([eve.Id], (await Follows.ListFollowingIdsAsync(new ListFollowingIdsRequest { AccountId = ada.Id })).AccountIds);
        Assert.Equal([(1L, 0L), (0L, 1L)], await CountsAsync(ada.Id, eve.Id));
    }

    [Fact]
    public async Task Following_twice_is_following_once()
    {
        var (ada, eve) = (await SignUpAsync("ada"), await SignUpAsync("eve"));
        await FollowAsync(ada, eve.Id);
        await FollowAsync(ada, eve.Id);
        Assert.Equal([(1L, 0L), (0L, 1L)], await CountsAsync(ada.Id, eve.Id));
    }

    [Fact]
    public async Task Following_at_once_many_times_is_following_once()
    {
        var (ada, eve) = (await SignUpAsync("ada"), await SignUpAsync("eve"));
        await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => FollowAsync(ada, eve.Id)));
        Assert.Equal([(1L, 0L), (0L, 1L)], await CountsAsync(ada.Id, eve.Id));
    }

    [Fact]
    public async Task Unfollowing_undoes_it_and_unfollowing_again_changes_nothing()
    {
        var (ada, eve) = (await SignUpAsync("ada"), await SignUpAsync("eve"));
        await FollowAsync(ada, eve.Id);
        await UnfollowAsync(ada, eve.Id);
        await UnfollowAsync(ada, eve.Id);
        await UnfollowAsync(ada, 42);
        Assert.Empty(await FollowingAsync(ada.Id));
        Assert.Equal([(0L, 0L), (0L, 0L)], await CountsAsync(ada.Id, eve.Id));
    }

    [Fact]
    public async Task Nobody_follows_themselves()
    {
        var ada = await SignUpAsync("ada");
        await Refusals.InvalidAsync("account_id", "ONESELF", () => FollowAsync(ada, ada.Id));
    }

    [Theory, InlineData(0), InlineData(-1), InlineData(42)]
    public async Task Nobody_follows_who_is_not_there(long unknown)
    {
        var ada = await SignUpAsync("ada");
        await Refusals.StatusAsync(StatusCode.NotFound, () => FollowAsync(ada, unknown));
    }

    [Fact]
    public async Task A_suspended_account_is_not_followed()
    {
        var (ada, eve) = (await SignUpAsync("ada"), await SignUpAsync("eve"));
        await _bed.Accounts("admin").SetSuspendedAsync(new SetSuspendedRequest { Id = eve.Id, Suspended = true });
        Assert.Equal("SUSPENDED", (await Refusals.StatusAsync(StatusCode.FailedPrecondition, () => FollowAsync(ada, eve.Id))).Reason());
    }

    [Fact]
    public async Task One_follows_only_so_many()
    {
        var ada = await SignUpAsync("ada");
        var others = await ImportPeopleAsync(91);
        await _bed.Follows("admin").ImportFollowsAsync(new ImportFollowsRequest { Follows = { others.Take(90).Select(other => Edge(ada.Id, other)) } });
        Assert.Equal("FOLLOWS_TOO_MANY", (await Refusals.StatusAsync(StatusCode.FailedPrecondition, () => FollowAsync(ada, others[90]))).Reason());
        await FollowAsync(ada, others[0]);
        await UnfollowAsync(ada, others[0]);
        await FollowAsync(ada, others[90]);
    }

    [Fact]
    public async Task Pages_are_latest_first_and_lose_and_repeat_nobody_while_people_follow()
    {
        var ada = await SignUpAsync("ada");
        var others = await ImportPeopleAsync(90);
        foreach (var other in others.Take(85))
        {
            await FollowAsync(ada, other);
        }
        var first = await Follows.ListFollowingAsync(new ListFollowsRequest { AccountId = ada.Id });
        await FollowAsync(ada, others[85]);
        var second = await Follows.ListFollowingAsync(new ListFollowsRequest { AccountId = ada.Id, Cursor = first.NextCursor });
        var third = await Follows.ListFollowingAsync(new ListFollowsRequest { AccountId = ada.Id, Cursor = second.NextCursor });
        Assert.Equal((40, 40, 5), (first.AccountIds.Count, second.AccountIds.Count, third.AccountIds.Count));
        Assert.Equal(others.Take(85).Reverse(), first.AccountIds.Concat(second.AccountIds).Concat(third.AccountIds));
        Assert.Equal(0, third.NextCursor);
    }

    [Theory, InlineData(0, 40), InlineData(7, 7), InlineData(1_000, 80)]
    public async Task A_page_is_as_long_as_it_may(int limit, int length)
    {
        var ada = await SignUpAsync("ada");
        var others = await ImportPeopleAsync(85);
        await _bed.Follows("admin").ImportFollowsAsync(new ImportFollowsRequest { Follows = { others.Select(other => Edge(other, ada.Id)) } });
        Assert.Equal(length, (await Follows.ListFollowersAsync(new ListFollowsRequest { AccountId = ada.Id, Limit = limit })).AccountIds.Count);
    }

    [Fact]
    public Task A_negative_page_is_refused() => Refusals.InvalidAsync("limit", "NEGATIVE", async () =>
        await Follows.ListFollowersAsync(new ListFollowsRequest { AccountId = 1, Limit = -1 }));

    [Fact]
    public async Task The_last_page_says_that_it_is_the_last()
    {
        var (ada, eve) = (await SignUpAsync("ada"), await SignUpAsync("eve"));
        await FollowAsync(ada, eve.Id);
        Assert.Equal(0, (await Follows.ListFollowingAsync(new ListFollowsRequest { AccountId = ada.Id, Limit = 1 })).NextCursor);
    }

    [Fact]
    public async Task Relationships_come_in_the_order_they_were_asked_for()
    {
        var (ada, eve, bob) = (await SignUpAsync("ada"), await SignUpAsync("eve"), await SignUpAsync("bob"));
        await FollowAsync(ada, eve.Id);
        await FollowAsync(bob, ada.Id);
        var reply = await Follows.ListRelationshipsAsync(new ListRelationshipsRequest { AccountId = ada.Id, OtherIds = { bob.Id, 42, eve.Id } });
        Assert.Equal(
            [(bob.Id, false, true), (42L, false, false), (eve.Id, true, false)],
            reply.Relationships.Select(r => (r.OtherId, r.Following, r.FollowedBy)));
    }

    [Fact]
    public async Task At_most_500_are_asked_for_at_once()
    {
        var ids = Enumerable.Range(1, 501).Select(i => (long)i).ToList();
        await Refusals.InvalidAsync("account_ids", "TOO_MANY", async () => await Follows.CountFollowsAsync(new CountFollowsRequest { AccountIds = { ids } }));
        await Refusals.InvalidAsync("other_ids", "TOO_MANY", async () => await Follows.ListRelationshipsAsync(new ListRelationshipsRequest { OtherIds = { ids } }));
    }

    private Task<Person> SignUpAsync(string name) => Person.SignUpAsync(_bed, name);

    private async Task<IReadOnlyList<long>> ImportPeopleAsync(int count) => (await _bed.Accounts("admin").ImportAccountsAsync(
        new ImportAccountsRequest { Accounts = { Enumerable.Range(0, count).Select(i => new ImportedAccount { Name = $"person{i}" }) } })).Ids;

    private async Task FollowAsync(Person who, long whom) => await Follows.FollowAsync(new FollowRequest { AccountId = whom }, who.Headers);

    private async Task UnfollowAsync(Person who, long whom) => await Follows.UnfollowAsync(new FollowRequest { AccountId = whom }, who.Headers);

    private async Task<IEnumerable<long>> FollowingAsync(long id) => (await Follows.ListFollowingAsync(new ListFollowsRequest { AccountId = id })).AccountIds;

    private async Task<IEnumerable<long>> FollowersAsync(long id) => (await Follows.ListFollowersAsync(new ListFollowsRequest { AccountId = id })).AccountIds;

    private async Task<IEnumerable<(long Following, long Followers)>> CountsAsync(params long[] ids) =>
        (await Follows.CountFollowsAsync(new CountFollowsRequest { AccountIds = { ids } })).Counts.Select(c => (c.Following, c.Followers));

    private static ImportedFollow Edge(long follower, long followee) => new() { FollowerId = follower, FolloweeId = followee };
}

public sealed class FollowsInProcess() : FollowsSuite(() => new Carrier.InProcess());

public sealed class FollowsWireForced() : FollowsSuite(() => new Carrier.WireForced());

public sealed class FollowsOnServer(Postgres.PostgresTestServer server) : FollowsSuite(() => LongForm.Only(() => new Carrier.WireForcedOnServer(server)));

/// <summary>Among the long forms: protobuf is shown by the forced wire, the transport by its conformance suite.</summary>
public sealed class FollowsGrpc() : FollowsSuite(() => LongForm.Only(() => new Carrier.Grpc()));

public sealed class FollowsHttpJson() : FollowsSuite(() => new Carrier.HttpJson());

public sealed class FollowsHttpProtobuf() : FollowsSuite(() => new Carrier.HttpProtobuf());

public sealed class FollowsTcp() : FollowsSuite(() => new Carrier.Tcp());

public sealed class FollowsNats(SecuredNatsTestServer server) : FollowsSuite(() => LongForm.Only(() => new Carrier.Nats(server)));

public sealed class FollowsRabbitMq(RabbitMqTestServer server) : FollowsSuite(() => LongForm.Only(() => new Carrier.RabbitMq(server)));
