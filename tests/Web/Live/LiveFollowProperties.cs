using CsCheck;
using Twite.Contracts;
using Twite.Web.Live;
using Twite.Web.Tests.Network;

namespace Twite.Web.Tests.Live;

/// <summary>However late somebody's follows are heard of, or not at all: what those say who are followed from then on is shown once, and
/// nothing of others.</summary>
public sealed class LiveFollowProperties
{
    private const long Ann = 1;
    private const long Bob = 2;
    private const long Cleo = 3;
    private const long Dan = 4;

    private static readonly Gen<Step> Steps = Gen.Frequency(
        (10, Gen.Select(Gen.Long[Ann, Dan], Gen.Enum<Fate>(), (author, fate) => (Step)new Post(author, fate))),
        (5, Gen.Select(Gen.Long[Bob, Cleo], Gen.Bool, Gen.Enum<Fate>(), (author, follows, fate) => (Step)new Follow(author, follows, fate))),
        (2, Gen.Const((Step)new Tick())),
        (1, Gen.Const((Step)new NewEpoch())),
        (1, Gen.Bool.Select(down => (Step)new FollowsDown(down))),
        (2, Gen.Int[1, 3].Select(batches => (Step)new SlowReads(batches))),
        (4, Gen.Int[1, 400].Select(ms => (Step)new Pass(ms))));

    [Fact]
    public Task What_is_said_after_a_follow_is_shown_once() => Steps.Array[1, 60].SampleAsync(CheckAsync, iter: 150, threads: 2);

    private static async Task CheckAsync(Step[] steps)
    {
        await using var live = await LiveSetup.StartAsync(
            new LiveOptions { ReceiverAddress = "inproc:web", QueueLength = 4, InboxLength = 8 }, new FakeMessages { MaxPage = 3 });
        RecordedStream[] readers =
            [await live.OpenAsync(StreamRequest.Home(Ann, null)), await live.OpenAsync(StreamRequest.Home(Ann, null)), await live.OpenAsync(StreamRequest.Home(Ann, null), 1)];

        var owed = new Dictionary<long, List<long>> { [Ann] = [] };
        var wire = new LossyWire(live);
        foreach (var step in steps)
        {
            await RunAsync(step, live, wire, owed, readers[2]);
            await wire.StepAsync();
        }

        live.Follows.IsDown = false;
        readers[2].Read();
        var last = live.Messages.Post(Ann).Message.Id;
        await live.PushAsync(live.Notifications.Tick());
        owed[Ann].Add(last);
        var wanted = owed.Values.SelectMany(ids => ids).Order().ToList();
        foreach (var reader in readers)
        {
            await Eventually.HoldsAsync(() => !wanted.Except(reader.Ids).Any(), live.Time, $"reader sees {string.Join(' ', wanted)}");
            var shown = reader.Ids;
            Assert.Equal(shown.Distinct().Order(), shown.Order());
            Assert.DoesNotContain(reader.Events, e => e is StreamEvent.Posted { Message.AuthorId: Dan });
            Assert.Equal(last, reader.LastEventId);
        }
    }

    private static async Task RunAsync(Step step, LiveSetup live, LossyWire wire, Dictionary<long, List<long>> owed, RecordedStream slow)
    {
        switch (step)
        {
            case Post post:
                var posted = live.Messages.Post(post.AuthorId);
                owed.GetValueOrDefault(post.AuthorId)?.Add(posted.Message.Id);
                await wire.SendAsync(live.Notifications.Number(posted), post.Fate);
                break;
            case Follow { Follows: true } follow:
                owed.TryAdd(follow.AuthorId, []);
                await wire.SendAsync(live.Notifications.Number(new LiveUpdate { Followed = live.Follows.Set(Ann, follow.AuthorId, follows: true) }), follow.Fate);
                break;
            case Follow follow:
                owed.Remove(follow.AuthorId);
                await wire.SendAsync(live.Notifications.Number(new LiveUpdate { Unfollowed = live.Follows.Set(Ann, follow.AuthorId, follows: false) }), follow.Fate);
                break;
            case Tick:
                await live.PushAsync(live.Notifications.Tick());
                break;
            case NewEpoch:
                live.Notifications.BeginEpoch();
                break;
            case FollowsDown follows:
                live.Follows.IsDown = follows.Down;
                break;
            case SlowReads reads:
                slow.Read(reads.Batches);
                break;
            case Pass pass:
                live.Time.Advance(TimeSpan.FromMilliseconds(pass.Milliseconds));
                await Task.Yield();
                break;
            default:
                break;
        }
    }

    private abstract record Step;

    private sealed record Post(long AuthorId, Fate Fate) : Step;

    private sealed record Follow(long AuthorId, bool Follows, Fate Fate) : Step;

    private sealed record Tick : Step;

    private sealed record NewEpoch : Step;

    private sealed record FollowsDown(bool Down) : Step;

    private sealed record SlowReads(int Batches) : Step;

    private sealed record Pass(int Milliseconds) : Step;
}
