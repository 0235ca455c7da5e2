using Twite.Contracts;
using Twite.Web.Live;
using Twite.Web.Tests.Network;

namespace Twite.Web.Tests.Live;

/// <summary>The streams of somebody whose account was closed without its being heard of.</summary>
public sealed class ClosedAccountTests
{
    private const long Ann = 1;
    private const long Bob = 2;
    private const long Cleo = 3;

    [Fact]
    public async Task They_end_when_the_loss_is_found()
    {
        await using var live = await LiveSetup.StartAsync();
        var (ann, bob, cleo) = (await OpenAsync(live, Ann), await OpenAsync(live, Bob), await OpenAsync(live, Cleo));
        live.Accounts.Close(Ann);
        live.Accounts.Suspend(Bob);
        live.Notifications.Number(new LiveUpdate { AccountClosed = new LiveAccount { AccountId = Ann } });
        live.Notifications.Number(new LiveUpdate { AccountClosed = new LiveAccount { AccountId = Bob } });
        var start = live.Time.GetUtcNow();
        await live.PushAsync(live.Notifications.Tick());
        await Eventually.HoldsAsync(() => ann.Ended.IsCompleted && bob.Ended.IsCompleted, live.Time);
        Assert.InRange(live.Time.GetUtcNow() - start, TimeSpan.Zero, TimeSpan.FromSeconds(10));
        Assert.False(cleo.Ended.IsCompleted);
    }

    [Fact]
    public async Task They_end_when_updates_come_again()
    {
        await using var live = await LiveSetup.StartAsync();
        var ann = await OpenAsync(live, Ann);
        live.Notifications.BeginEpoch();
        live.Accounts.Close(Ann);
        await live.PushAsync(live.Notifications.Tick());
        await Eventually.HoldsAsync(() => ann.Ended.IsCompleted, live.Time);
    }

    [Fact]
    public async Task They_end_while_no_updates_come()
    {
        await using var live = await LiveSetup.StartAsync();
        live.Notifications.IsDown = true;
        var ann = await OpenAsync(live, Ann);
        await Eventually.PassAsync(live.Time, TimeSpan.FromSeconds(10));
        live.Accounts.Close(Ann);
        var start = live.Time.GetUtcNow();
        await Eventually.HoldsAsync(() => ann.Ended.IsCompleted, live.Time);
        Assert.InRange(live.Time.GetUtcNow() - start, TimeSpan.Zero, TimeSpan.FromSeconds(45));
    }

    [Fact]
    public async Task A_stream_that_begins_just_after_ends()
    {
        await using var live = await LiveSetup.StartAsync();
        live.Accounts.Close(Ann);
        await live.PushAsync(live.Notifications.Number(new LiveUpdate { AccountClosed = new LiveAccount { AccountId = Ann } }));
        var heard = await live.PostAsync(Bob);
        await Eventually.HoldsAsync(() => live.Feed.Mark == heard);
        var ann = await live.OpenAsync(StreamRequest.Home(Ann, null));
        await Eventually.HoldsAsync(() => ann.Ended.IsCompleted, live.Time);
    }

    [Fact]
    public async Task They_end_once_accounts_answers_again()
    {
        await using var live = await LiveSetup.StartAsync();
        var (ann, bob) = (await OpenAsync(live, Ann), await OpenAsync(live, Bob));
        live.Accounts.IsDown = true;
        live.Accounts.Close(Ann);
        var asked = live.Accounts.Asked.Count;
        live.Notifications.BeginEpoch();
        await live.PushAsync(live.Notifications.Tick());
        await Eventually.HoldsAsync(() => live.Accounts.Asked.Count > asked + 1, live.Time);
        Assert.False(ann.Ended.IsCompleted);
        live.Accounts.IsDown = false;
        await Eventually.HoldsAsync(() => ann.Ended.IsCompleted, live.Time);
        Assert.False(bob.Ended.IsCompleted);
    }

    [Fact]
    public async Task Many_accounts_are_looked_up_a_few_hundred_at_a_time()
    {
        await using var live = await LiveSetup.StartAsync();
        var readers = new List<RecordedStream>();
        for (var account = 1; account <= 1_200; account++)
        {
            readers.Add(live.Open(StreamRequest.Home(account, null)));
        }
        await Eventually.HoldsAsync(() => readers.TrueForAll(r => r.Marks.Count > 0) && live.Accounts.Asked.Sum() == 1_200, live.Time);
        live.Accounts.Close(1_000);
        var asked = live.Accounts.Asked.Count;
        live.Notifications.BeginEpoch();
        await live.PushAsync(live.Notifications.Tick());
        await Eventually.HoldsAsync(() => readers[999].Ended.IsCompleted, live.Time);
        await Eventually.HoldsAsync(() => live.Accounts.Asked.Skip(asked).Sum() == 1_200);
        Assert.All(live.Accounts.Asked, many => Assert.InRange(many, 1, 500));
        Assert.Equal(3, live.Accounts.Asked.Count - asked);
        Assert.Single(readers, r => r.Ended.IsCompleted);
    }

    /// <summary>Opens a home stream and waits until its account was looked up, as it is when the stream begins.</summary>
    private static async Task<RecordedStream> OpenAsync(LiveSetup live, long account)
    {
        var asked = live.Accounts.Asked.Sum();
        var reader = await live.OpenAsync(StreamRequest.Home(account, null));
        await Eventually.HoldsAsync(() => live.Accounts.Asked.Sum() > asked, live.Time);
        return reader;
    }
}
