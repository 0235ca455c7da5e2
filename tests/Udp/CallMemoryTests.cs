using Anywire.Udp.Format;
using Anywire.Udp.Server;
using Microsoft.Extensions.Logging.Abstractions;

namespace Anywire.Udp.Tests;

/// <summary>A request that comes again is known, however many calls came between.</summary>
public sealed class CallMemoryTests
{
    private readonly CallMemory _memory = new();

    [Fact]
    public void A_call_is_known_after_a_million_others()
    {
        const ulong Slow = 5;
        Assert.False(_memory.Begin(Slow, Call(Slow)).IsKnown);
        _memory.End(Slow, null);
        // They take the other places in turn, again and again.
        for (var i = 1UL; i <= 1_000_000; i++)
        {
            var id = (i * Messages.Places) + 6 + (i % 100);
            Assert.False(_memory.Begin(id, Call(id)).IsKnown);
            _memory.End(id, null);
        }
        Assert.Equal(new CallMemory.Known(IsKnown: true, null, null), _memory.Begin(Slow, Call(Slow)));
    }

    [Fact]
    public void The_next_call_of_a_place_ends_the_one_before()
    {
        var (first, second) = (Call(7), Call(7 + Messages.Places));
        _memory.Begin(first.Id, first);
        Assert.Same(first, _memory.Begin(second.Id, second).Running);
        Assert.True(_memory.Begin(first.Id, first).IsOver);
        _memory.End(first.Id, [1]);
        Assert.Same(second, _memory.Begin(second.Id, Call(second.Id)).Running);
        Assert.Same(second, Assert.Single(_memory.Running()));
    }

    [Fact]
    public void A_call_that_was_given_up_before_it_came_is_not_executed()
    {
        Assert.Null(_memory.Cancel(9));
        Assert.True(_memory.Begin(9, Call(9)).IsKnown);
    }

    [Theory, InlineData(true), InlineData(false)]
    public void One_that_is_given_up_is_not_executed_again_though_its_answer_would_be_forgotten(bool whileItRuns)
    {
        var call = Call(9);
        _memory.Begin(9, call);
        if (whileItRuns)
        {
            Assert.Same(call, _memory.Cancel(9));
        }
        _memory.End(9, new byte[1_000]);
        if (!whileItRuns)
        {
            Assert.Null(_memory.Cancel(9));
        }
        FillWithAnswers();
        Assert.True(_memory.Begin(9, Call(9)).IsKnown);
    }

    [Fact]
    public void One_that_is_given_up_after_its_answer_was_forgotten_is_not_executed_again()
    {
        _memory.Begin(9, Call(9));
        _memory.End(9, new byte[1_000]);
        FillWithAnswers();
        Assert.Null(_memory.Cancel(9));
        Assert.True(_memory.Begin(9, Call(9)).IsKnown);
    }

    [Fact]
    public void Of_long_answers_the_oldest_are_forgotten()
    {
        const int Count = 1_000;
        for (var id = 0UL; id < Count; id++)
        {
            _memory.Begin(id, Call(id));
            _memory.End(id, new byte[1_000]);
        }
        Assert.False(_memory.Begin(0, Call(0)).IsKnown);
        Assert.Equal(1_000, _memory.Begin(Count - 1, Call(Count - 1)).Answer?.Length);
    }

    [Fact]
    public void An_answer_that_nobody_can_ask_for_any_more_takes_no_room_from_others()
    {
        _memory.Begin(1, Call(1));
        _memory.End(1, new byte[1_000]);
        // One caller, one call after the other, all at one place: a hundred megabytes of answers, of which only the last can be asked for.
        for (var i = 1UL; i <= 100_000; i++)
        {
            var id = i * Messages.Places;
            _memory.Begin(id, Call(id));
            _memory.End(id, new byte[1_000]);
        }
        Assert.Equal(1_000, _memory.Begin(1, Call(1)).Answer?.Length);
    }

    // More than are kept.
    private void FillWithAnswers()
    {
        for (var id = 100UL; id < 1_100; id++)
        {
            _memory.Begin(id, Call(id));
            _memory.End(id, new byte[1_000]);
        }
    }

    private static ServerCall Call(ulong id) => ServerCall.OfRequest(null!, id, "/s/m", uint.MaxValue, null, TimeProvider.System, NullLoggerFactory.Instance);
}
