using Twite.Web.Live;
using Twite.Web.Tests.Network;

namespace Twite.Web.Tests.Live;

/// <summary>What somebody whom nobody knows can ask of the live streams, and what is left for others.</summary>
public sealed class StrangerTests
{
    private const long Ann = 1;
    private const long Bob = 2;

    private static readonly LiveOptions Options = new() { ReceiverAddress = "inproc:web" };

    [Fact]
    public async Task Who_missed_more_than_a_stream_carries_is_told_and_goes_on_from_the_present()
    {
        await using var live = await LiveSetup.StartAsync(Options with { MaxMissed = 20 }, new FakeMessages { MaxPage = 10 });
        var first = await live.PostAsync(Bob);
        for (var i = 0; i < 95; i++)
        {
            await live.PostAsync(Bob);
        }
        await Eventually.HoldsAsync(() => live.Feed.Mark == live.Messages.LastId);
        var mark = live.Feed.Mark;
        var reader = live.Open(StreamRequest.PublicOfStranger("here", first));
        await Eventually.HoldsAsync(() => reader.Events.OfType<StreamEvent.Skipped>().Any() || reader.Ids.Contains(mark), live.Time);
        var next = await live.PostAsync(Bob);
        await Eventually.HoldsAsync(() => reader.Ids.Contains(next), live.Time);
        Assert.Equal([.. live.Messages.IdsAfter(first).Take(20), mark, next], reader.Ids);
        Assert.Equal(new StreamEvent.Skipped(mark), reader.Events[20]);
    }

    [Fact]
    public async Task Who_missed_just_so_much_is_shown_all_of_it()
    {
        await using var live = await LiveSetup.StartAsync(Options with { MaxMissed = 20 }, new FakeMessages { MaxPage = 10 });
        var first = await live.PostAsync(Bob);
        for (var i = 0; i < 20; i++)
        {
            await live.PostAsync(Bob);
        }
        await Eventually.HoldsAsync(() => live.Feed.Mark == live.Messages.LastId);
        var reader = live.Open(StreamRequest.Public(first));
        await Eventually.HoldsAsync(() => reader.Ids.Count >= 20, live.Time);
        Assert.Equal(live.Messages.IdsAfter(first), reader.Ids);
    }

    [Fact]
    public async Task Strangers_are_bounded_by_address_and_in_all_and_keep_out_nobody_else()
    {
        await using var live = await LiveSetup.StartAsync(Options with { MaxStreams = 4, MaxStreamsOfStrangers = 3, MaxStreamsPerAddress = 2 });
        var one = await live.OpenAsync(StreamRequest.PublicOfStranger("here", null));
        await live.OpenAsync(StreamRequest.PublicOfStranger("here", null));
        Assert.Equal(StreamAdmission.TooManyOfOne, Ask(StreamRequest.PublicOfStranger("here", null)));
        await live.OpenAsync(StreamRequest.PublicOfStranger("there", null));
        Assert.Equal(StreamAdmission.Full, Ask(StreamRequest.PublicOfStranger("elsewhere", null)));
        var known = await live.OpenAsync(StreamRequest.PublicOf(Ann, null));
        await known.DisposeAsync();
        await one.DisposeAsync();
        await live.OpenAsync(StreamRequest.PublicOfStranger("here", null));

        StreamAdmission Ask(StreamRequest request) => live.Feed.Streams.Join(request, live.Renderer, out _);
    }

    [Fact]
    public async Task Whatever_somebody_known_listens_to_counts_for_them()
    {
        await using var live = await LiveSetup.StartAsync(Options with { MaxStreamsPerAccount = 2 });
        await live.OpenAsync(StreamRequest.Home(Ann, null));
        await live.OpenAsync(StreamRequest.PublicOf(Ann, null));
        Assert.Equal(StreamAdmission.TooManyOfOne, live.Feed.Streams.Join(StreamRequest.PublicOf(Ann, null), live.Renderer, out _));
        await live.OpenAsync(StreamRequest.PublicOf(Bob, null));
    }

    [Fact]
    public async Task Strangers_who_read_what_they_missed_leave_room_for_others_to()
    {
        await using var live = await LiveSetup.StartAsync(Options with { MaxCatchUps = 3, MaxCatchUpsOfStrangers = 2 });
        var start = live.Feed.Mark;
        var seen = await live.PostAsync(Bob);
        await live.PostAsync(Bob);
        await Eventually.HoldsAsync(() => live.Feed.Mark == live.Messages.LastId);
        var hanging = new HangingRenderer();
        var strangers = Enumerable.Range(0, 4)
            .Select(_ => new RecordedStream(live.Feed.Streams, StreamRequest.PublicOfStranger("here", seen), hanging, roomFor: null)).ToList();
        await Eventually.HoldsAsync(() => hanging.Asked >= 2 && strangers.All(s => s.Marks.Count > 0));

        // Whoever is asked for two events is not a stranger.
        await using var known = new RecordedStream(live.Feed.Streams, StreamRequest.PublicOf(Ann, start), hanging, roomFor: null);
        await Eventually.HoldsAsync(() => hanging.Most == 2);
        foreach (var stranger in strangers)
        {
            await stranger.DisposeAsync();
        }
    }
}
