namespace Twite.Faults.History;

/// <summary>The checker finds each fault in a history that was doctored to have it, and none in one that has none.</summary>
public sealed class HistoryCheckerTests
{
    // alice posts 1 and 3, bob posts 2; bob's "maybe" got no answer and carol's was refused.
    private static readonly PostOperation[] Posts =
    [
        new("alice", "k1", "one", Invoked: 1, Ended: 2, Outcome.Acknowledged, [101], Tries: 1),
        new("bob", "k2", "two", Invoked: 3, Ended: 6, Outcome.Acknowledged, [102, 102], Tries: 3),
        new("alice", "k3", "three", Invoked: 4, Ended: 5, Outcome.Acknowledged, [103], Tries: 1),
        new("bob", "k4", "maybe", Invoked: 7, Ended: 9, Outcome.Unknown, [], Tries: 4),
        new("carol", "k5", "refused", Invoked: 8, Ended: 10, Outcome.Refused, [], Tries: 1),
    ];

    private static readonly SeenMessage[] Timeline =
    [
        new(103, "alice", "three"), new(102, "bob", "two"), new(101, "alice", "one"),
    ];

    private static readonly RecordedHistory Good = new(
        Posts,
        [new ReadOperation("alice", Invoked: 6, [Timeline[0], Timeline[2]], After: 0), new ReadOperation("alice", Invoked: 11, [Timeline[0]], After: 102)],
        new ReadOperation(null, Invoked: 20, Timeline, After: 0),
        [new ScreenOperation([.. Timeline.Reverse()], Complete: true)]);

    [Fact]
    public void A_good_history_is_valid() => Assert.Equal(Judgement.Valid, HistoryChecker.Judge(Good).Judgement);

    [Fact]
    public void An_unanswered_post_may_be_there_once()
    {
        SeenMessage[] more = [new(104, "bob", "maybe"), .. Timeline];
        Assert.Equal(Judgement.Valid, HistoryChecker.Judge(WithFinal(more) with { Screens = [new ScreenOperation([.. more.Reverse()], true)] }).Judgement);
    }

    [Fact]
    public void An_empty_history_says_nothing() =>
        Assert.Equal(Judgement.Unknown, HistoryChecker.Judge(new RecordedHistory([], [], new ReadOperation(null, 1, [], 0), [])).Judgement);

    [Fact]
    public void A_history_without_anything_acknowledged_says_nothing() =>
        Assert.Equal(Judgement.Unknown, HistoryChecker.Judge(Good with { Posts = [.. Posts.Skip(3)] }).Judgement);

    [Fact]
    public void A_history_that_was_never_read_says_nothing() =>
        Assert.Equal(Judgement.Unknown, HistoryChecker.Judge(Good with { Final = null }).Judgement);

    [Fact]
    public void An_acknowledged_post_that_is_gone_is_lost() => Finds("lost", WithFinal([Timeline[0], Timeline[2]]));

    [Fact]
    public void An_acknowledged_post_that_is_there_under_another_id_is_lost() =>
        Finds("lost", WithFinal([Timeline[0], new SeenMessage(99_999, "bob", "two"), Timeline[2]]));

    [Fact]
    public void What_was_once_read_and_is_gone_is_lost() =>
        Finds("lost", Good with { Reads = [new ReadOperation("bob", 12, [new SeenMessage(104, "bob", "maybe"), Timeline[1]], 0)] });

    [Fact]
    public void The_same_text_twice_is_doubled() =>
        Finds("doubled", WithFinal([new SeenMessage(110, "bob", "two"), .. Timeline]));

    [Fact]
    public void An_unanswered_post_that_is_there_twice_is_doubled() =>
        Finds("doubled", WithFinal([new SeenMessage(111, "bob", "maybe"), new SeenMessage(110, "bob", "maybe"), .. Timeline]));

    [Fact]
    public void A_key_acknowledged_with_two_ids_is_doubled() =>
        Finds("doubled", Good with { Posts = [Posts[0], Posts[1] with { Ids = [102, 108] }, .. Posts.Skip(2)] });

    [Fact]
    public void A_text_that_nobody_posted_is_unexpected() =>
        Finds("unexpected", WithFinal([new SeenMessage(110, "bob", "who said this?"), .. Timeline]));

    [Fact]
    public void A_text_under_another_name_is_unexpected() =>
        Finds("unexpected", WithFinal([new SeenMessage(110, "alice", "maybe"), .. Timeline]));

    [Fact]
    public void A_refused_post_that_is_there_is_unexpected() =>
        Finds("unexpected", WithFinal([new SeenMessage(110, "carol", "refused"), .. Timeline]));

    [Fact]
    public void What_only_one_read_saw_and_nobody_posted_is_unexpected() =>
        Finds("unexpected", Good with { Reads = [new ReadOperation(null, 1, [new SeenMessage(7, "mallory", "boo")], 0)] });

    [Fact]
    public void Another_text_under_an_acknowledged_id_is_altered() =>
        Finds("altered", WithFinal([Timeline[0], new SeenMessage(102, "bob", "maybe"), Timeline[2]]));

    [Fact]
    public void A_timeline_that_is_not_newest_first_is_out_of_order() => Finds("order", WithFinal([Timeline[0], Timeline[2], Timeline[1]]));

    [Fact]
    public void The_same_message_twice_in_a_timeline_is_out_of_order() => Finds("order", WithFinal([Timeline[0], Timeline[1], Timeline[1], Timeline[2]]));

    [Fact]
    public void An_author_s_posts_the_other_way_round_are_out_of_order() => Finds("order", new RecordedHistory(
        [Posts[0] with { Ids = [103] }, Posts[2] with { Ids = [101] }], [],
        new ReadOperation(null, 20, [new SeenMessage(103, "alice", "one"), new SeenMessage(101, "alice", "three")], 0), []));

    [Fact]
    public void Not_finding_what_one_has_just_posted_breaks_own_writes() =>
        Finds("own-write", Good with { Reads = [new ReadOperation("alice", Invoked: 6, [Timeline[2]], After: 0)] });

    [Fact]
    public void What_a_read_was_too_early_for_need_not_be_in_it() =>
        Assert.Equal(Judgement.Valid, HistoryChecker.Judge(Good with { Reads = [new ReadOperation("alice", Invoked: 3, [Timeline[2]], After: 0)] }).Judgement);

    [Fact]
    public void A_message_shown_twice_is_doubled_on_the_screen() =>
        Finds("screen-doubled", Good with { Screens = [new ScreenOperation([Timeline[2], Timeline[1], Timeline[1], Timeline[0]], true)] });

    [Fact]
    public void A_message_never_shown_is_lost_on_the_screen() =>
        Finds("screen-lost", Good with { Screens = [new ScreenOperation([Timeline[2], Timeline[0]], true)] });

    [Fact]
    public void A_screen_that_was_switched_off_early_may_miss_some() =>
        Assert.Equal(Judgement.Valid, HistoryChecker.Judge(Good with { Screens = [new ScreenOperation([Timeline[2]], false)] }).Judgement);

    [Fact]
    public void Messages_shown_in_another_order_are_out_of_order_on_the_screen() =>
        Finds("screen-order", Good with { Screens = [new ScreenOperation([Timeline[1], Timeline[2], Timeline[0]], true)] });

    [Fact]
    public void A_message_shown_that_is_not_stored_is_unexpected_on_the_screen() =>
        Finds("screen-unexpected", Good with { Screens = [new ScreenOperation([.. Timeline.Reverse(), new SeenMessage(200, "bob", "maybe")], true)] });

    private static RecordedHistory WithFinal(IReadOnlyList<SeenMessage> messages) =>
        Good with { Final = new ReadOperation(null, 20, messages, 0), Reads = [], Screens = [] };

    private static void Finds(string rule, RecordedHistory history)
    {
        var verdict = HistoryChecker.Judge(history);
        Assert.Equal(Judgement.Invalid, verdict.Judgement);
        Assert.Contains(rule, verdict.Violations.Select(v => v.Rule));
    }
}
