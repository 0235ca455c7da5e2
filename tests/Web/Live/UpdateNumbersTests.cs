using Twite.Web.Live;

namespace Twite.Web.Tests.Live;

public sealed class UpdateNumbersTests
{
    private readonly UpdateNumbers _numbers = new();

    public UpdateNumbersTests() => _numbers.Accept(1, 0, isStatement: true);

    [Fact]
    public void The_first_epoch_is_a_new_one() => Assert.False(new UpdateNumbers().Accept(1, 5, isStatement: true));

    [Fact]
    public void A_later_epoch_is_a_new_one() => Assert.False(_numbers.Accept(2, 1, isStatement: false));

    [Fact]
    public void A_straggler_of_an_earlier_epoch_begins_none()
    {
        _numbers.Accept(2, 1, isStatement: false);
        Assert.True(_numbers.Accept(1, 9, isStatement: false));
        Assert.False(_numbers.HasHole);
    }

    [Theory]
    [InlineData(new[] { 1, 2, 3 }, false)]
    [InlineData(new[] { 3, 1, 2 }, false)]
    [InlineData(new[] { 1, 1, 2, 2 }, false)]
    [InlineData(new[] { 1, 3 }, true)]
    [InlineData(new[] { 2 }, true)]
    public void Finds_what_has_not_come(int[] numbers, bool hole)
    {
        foreach (var number in numbers)
        {
            _numbers.Accept(1, number, isStatement: false);
        }
        Assert.Equal(hole, _numbers.HasHole);
    }

    [Fact]
    public void A_statement_shows_that_the_last_was_lost()
    {
        _numbers.Accept(1, 1, isStatement: false);
        _numbers.Accept(1, 2, isStatement: true);
        Assert.True(_numbers.HasHole);
    }

    [Fact]
    public void A_statement_is_no_update()
    {
        _numbers.Accept(1, 1, isStatement: true);
        Assert.True(_numbers.HasHole);
        _numbers.Accept(1, 1, isStatement: false);
        Assert.False(_numbers.HasHole);
    }

    [Fact]
    public void Counts_on_after_giving_up()
    {
        _numbers.Accept(1, 5, isStatement: false);
        _numbers.GiveUp();
        Assert.False(_numbers.HasHole);
        _numbers.Accept(1, 6, isStatement: false);
        Assert.False(_numbers.HasHole);
    }

    [Fact]
    public void Remembers_no_more_than_it_may()
    {
        for (var number = 2; number < 5_000; number++)
        {
            _numbers.Accept(1, number, isStatement: false);
        }
        _numbers.Accept(1, 1, isStatement: false);
        Assert.True(_numbers.HasHole, "what did not fit counts as lost");
    }
}
