using CsCheck;
using Twite.Web.Live;
using Twite.Web.Tests.Network;

namespace Twite.Web.Tests.Live;

/// <summary>Whatever is lost, doubled, delayed or down, and however often someone reconnects: each stream shows every change exactly once
/// and in order.</summary>
public sealed class LiveStreamProperties
{
    private const long Ann = 1;
    private const long Bob = 2;
    private const long Cleo = 3;

    private static readonly Gen<Step> Steps = Gen.Frequency(
        (10, Gen.Select(Gen.Long[Ann, Cleo], Gen.Enum<Fate>(), (author, fate) => (Step)new Post(author, fate))),
        (3, Gen.Select(Gen.Int[0, 1_000], Gen.Enum<Fate>(), (which, fate) => (Step)new Delete(which, fate))),
        (2, Gen.Const((Step)new Tick())),
        (1, Gen.Const((Step)new NewEpoch())),
        (1, Gen.Bool.Select(down => (Step)new MessagesDown(down))),
        (1, Gen.Bool.Select(down => (Step)new NotificationsDown(down))),
        (2, Gen.Int[0, 3].Select(reader => (Step)new Reconnect(reader))),
        (1, Gen.Int[1, 3].Select(batches => (Step)new SlowReads(batches))),
        (3, Gen.Int[1, 400].Select(ms => (Step)new Pass(ms))));

    [Fact]
    public Task Every_stream_shows_every_change_once_and_in_order() =>
        Steps.Array[1, 60].SampleAsync(CheckAsync, iter: 150, threads: 2);

    private static async Task CheckAsync(Step[] steps)
    {
        await using var live = await LiveSetup.StartAsync(
            new LiveOptions { ReceiverAddress = "inproc:web", QueueLength = 4, InboxLength = 8 }, new FakeMessages { MaxPage = 3 });
        live.Follows.Set(Ann, Bob, follows: true);
        await live.PostAsync(Bob);
        await Eventually.HoldsAsync(() => live.Feed.Mark == live.Messages.LastId);
        var start = live.Feed.Mark;

        var readers = new List<Follower>();
        foreach (var (account, authors, room) in new (long?, long[], int?)[] { (null, [], null), (Ann, [Ann, Bob], null), (Bob, [Bob], null), (null, [], 1) })
        {
            readers.Add(new Follower(account, authors, await live.OpenAsync(Request(account, null), room)));
        }

        var wire = new LossyWire(live);
        foreach (var step in steps)
        {
            await RunAsync(step, live, wire, readers);
            await wire.StepAsync();
        }

        (live.Messages.IsDown, live.Notifications.IsDown) = (false, false);
        readers[3].Stream.Read();
        foreach (var reader in readers)
        {
            var owed = live.Messages.IdsAfter(start, reader.Authors);
            await Eventually.HoldsAsync(() => owed.Count == 0 || reader.Shown.Contains(owed[^1]), live.Time, $"{reader.AccountId} sees {string.Join(' ', owed)}");
            var shown = reader.Shown;
            Assert.Equal(shown.Distinct().Order(), shown);
            Assert.Empty(owed.Except(shown));
            Assert.DoesNotContain(reader.Events, e => reader.Authors.Length > 0 && !reader.Authors.Contains(AuthorOf(e)));
        }
    }

    private static async Task RunAsync(Step step, LiveSetup live, LossyWire wire, List<Follower> readers)
    {
        switch (step)
        {
            case Post post:
                await wire.SendAsync(live.Notifications.Number(live.Messages.Post(post.AuthorId)), post.Fate);
                break;
            case Delete delete when live.Messages.PostIds is { Count: > 0 } posts:
                await wire.SendAsync(live.Notifications.Number(live.Messages.Delete(posts[delete.Which % posts.Count])), delete.Fate);
                break;
            case Tick:
                await live.PushAsync(live.Notifications.Tick());
                break;
            case NewEpoch:
                live.Notifications.BeginEpoch();
                break;
            case MessagesDown messages:
                live.Messages.IsDown = messages.Down;
                break;
            case NotificationsDown notifications:
                live.Notifications.IsDown = notifications.Down;
                break;
            case Reconnect reconnect when reconnect.Reader < 3:
                await readers[reconnect.Reader].ReconnectAsync(live);
                break;
            case SlowReads reads:
                readers[3].Stream.Read(reads.Batches);
                break;
            case Pass pass:
                live.Time.Advance(TimeSpan.FromMilliseconds(pass.Milliseconds));
                await Task.Yield();
                break;
            default:
                break;
        }
    }

    private static StreamRequest Request(long? account, long? since) =>
        account is { } id ? StreamRequest.Home(id, since) : StreamRequest.Public(since);

    private static long AuthorOf(StreamEvent e) => e switch
    {
        StreamEvent.Posted posted => posted.Message.AuthorId,
        StreamEvent.Deleted deleted => deleted.AuthorId,
        _ => 0,
    };

    private abstract record Step;

    private sealed record Post(long AuthorId, Fate Fate) : Step;

    private sealed record Delete(int Which, Fate Fate) : Step;

    private sealed record Tick : Step;

    private sealed record NewEpoch : Step;

    private sealed record MessagesDown(bool Down) : Step;

    private sealed record NotificationsDown(bool Down) : Step;

    private sealed record Reconnect(int Reader) : Step;

    private sealed record SlowReads(int Batches) : Step;

    private sealed record Pass(int Milliseconds) : Step;

    /// <summary>Somebody who reconnects, and all that was shown over all connections.</summary>
    private sealed class Follower(long? accountId, long[] authors, RecordedStream stream)
    {
        private readonly List<StreamEvent> _before = [];

        public long? AccountId { get; } = accountId;

        public long[] Authors { get; } = authors;

        public RecordedStream Stream { get; private set; } = stream;

        public IReadOnlyList<StreamEvent> Events => [.. _before, .. Stream.Events];

        public IReadOnlyList<long> Shown => [.. Events.Select(e => e.Id)];

        public async Task ReconnectAsync(LiveSetup live)
        {
            await Stream.DisposeAsync();
            _before.AddRange(Stream.Events);
            Stream = await live.OpenAsync(Request(AccountId, Stream.LastEventId));
        }
    }
}
