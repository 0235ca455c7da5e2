using Twite.Contracts;
using Twite.Postgres;
using Twite.Services.Bed;
using Twite.Services.Notifications;

namespace Twite.Services.Replicas;

/// <summary>Notifications, twice on one database: a front end that holds a lease at one is told by both.</summary>
public sealed class NotificationsReplicaTests(PostgresTestServer server) : IAsyncLifetime
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private NotificationsBed _bed = null!;
    private Func<string, NotificationsService.NotificationsServiceClient> _replica = null!;

    public async ValueTask InitializeAsync()
    {
        _bed = await NotificationsBed.StartAsync(new Carrier.WireForcedOnServer(server));
        _replica = await _bed.StartReplicaAsync();
    }

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Fact]
    public async Task A_front_end_is_told_by_each_with_numbers_of_its_own()
    {
        var lease = await _bed.RenewAsync();
        await _bed.UntilAsync(() => Senders().Count == 2, Second);
        var before = _bed.FrontEnd.Updates.Count;
        for (var i = 0; i < 10; i++)
        {
            await _bed.Client().OnMessagePostedAsync(_bed.NewPost(100 + i, 1, "at the first"));
            await _replica("messages").OnMessagePostedAsync(_bed.NewPost(200 + i, 1, "at the second"));
        }
        await _bed.UntilAsync(() => _bed.FrontEnd.Updates.Count >= before + 20);
        var bySender = _bed.FrontEnd.Updates.GroupBy(u => u.Sender).ToList();
        Assert.Equal(2, bySender.Count);
        Assert.All(bySender, updates => Assert.Equal(Enumerable.Range(1, 10).Select(n => (long)n), updates.Select(u => u.Number).Order()));
        Assert.All(bySender, updates => Assert.Single(updates.Select(u => u.Epoch).Distinct()));
        Assert.Contains(bySender, updates => updates.Key == lease.Sender && updates.First().Epoch == lease.Epoch);
    }

    [Fact]
    public async Task A_lease_that_is_made_before_an_instance_has_started_is_by_its_name()
    {
        RenewLeaseReply? early = null;
        var third = await _bed.StartReplicaAsync(async replica => early = await RenewAsync(replica, "early"));
        var late = await RenewAsync(third, "late");
        Assert.Equal(late.Sender, early!.Sender);
        Assert.NotEqual(0, late.Sender);

        static async Task<RenewLeaseReply> RenewAsync(Func<string, NotificationsService.NotificationsServiceClient> replica, string instance) =>
            await replica("web").RenewLeaseAsync(new RenewLeaseRequest { Instance = instance, ReceiverAddress = "wire:web" });
    }

    [Fact]
    public async Task A_lease_that_is_renewed_anywhere_goes_on_everywhere_and_one_that_is_not_ends_everywhere()
    {
        await _bed.RenewAsync();
        await _bed.UntilAsync(() => Senders().Count == 2, Second);
        for (var i = 0; i < 6; i++)
        {
            _bed.Time.Advance(TimeSpan.FromSeconds(5));
            await _replica("web").RenewLeaseAsync(new RenewLeaseRequest { Instance = "one", ReceiverAddress = "wire:web" });
            // Both hear of it at their next tick.
            _bed.FrontEnd.Ticks.Clear();
            await _bed.UntilAsync(() => Senders().Count == 2, TimeSpan.FromMilliseconds(100));
        }
        await _bed.UntilAsync(async () => await _bed.CountLeasesAsync() == 0, Second);
        // Each lets go by itself, at a tick.
        var (silent, ticks) = (0, -1);
        await _bed.UntilAsync(
            () =>
            {
                silent = ticks == _bed.FrontEnd.Ticks.Count ? silent + 1 : 0;
                ticks = _bed.FrontEnd.Ticks.Count;
                return silent > 50;
            },
            Second);
        await _bed.Client().OnMessagePostedAsync(_bed.NewPost(100, 1, "to nobody"));
        await _replica("messages").OnMessagePostedAsync(_bed.NewPost(101, 1, "to nobody"));
        Assert.Empty(_bed.FrontEnd.Updates);
    }

    [Theory]
    [InlineData(-40)]
    [InlineData(40)]
    public async Task A_front_end_is_told_by_one_whose_clock_is_wrong_for_as_long_as_by_the_others(int seconds)
    {
        await _bed.StartReplicaAsync(clock: new WrongClock(_bed.Time, TimeSpan.FromSeconds(seconds)));
        await _bed.RenewAsync();
        await _bed.UntilAsync(() => Senders().Count == 3, Second / 4);
        for (var i = 0; i < 6; i++)
        {
            _bed.Time.Advance(TimeSpan.FromSeconds(5));
            await _bed.RenewAsync();
            _bed.FrontEnd.Ticks.Clear();
            await _bed.UntilAsync(() => Senders().Count == 3, TimeSpan.FromMilliseconds(100));
        }
        await _bed.UntilAsync(async () => await _bed.CountLeasesAsync() == 0, Second);
    }

    [Fact]
    public async Task An_event_that_is_handled_at_one_is_not_put_on_a_list_again_at_the_other()
    {
        var post = _bed.NewPost(100, 1, "hello @a2");
        await _bed.Client().OnMessagePostedAsync(post);
        await _replica("messages").OnMessagePostedAsync(post);
        Assert.Single((await _bed.ListAsync(2)).Notifications);
    }

    private HashSet<long> Senders() => [.. _bed.FrontEnd.Ticks.Select(t => t.Sender)];

    /// <summary>Runs as another does, and shows another time of day.</summary>
    private sealed class WrongClock(TimeProvider right, TimeSpan ahead) : TimeProvider
    {
        public override long TimestampFrequency => right.TimestampFrequency;

        public override DateTimeOffset GetUtcNow() => right.GetUtcNow() + ahead;

        public override long GetTimestamp() => right.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            right.CreateTimer(callback, state, dueTime, period);
    }
}
