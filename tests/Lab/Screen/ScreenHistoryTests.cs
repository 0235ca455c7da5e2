using Twite.Lab.Screen;

namespace Twite.Lab.Tests.Screen;

/// <summary>The judge of the scene screen finds each kind of fault, and no other.</summary>
public sealed class ScreenHistoryTests
{
    private readonly ScreenHistory _history = new(screens: 2);

    [Fact]
    public void What_every_screen_showed_once_and_in_order_is_in_order()
    {
        Post(1, 2, 3);
        Show(screen: 0, 1, 2, 3);
        Show(screen: 1, 1, 2, 3);
        Assert.Equal(new ScreenVerdict(3, 6, 0, 0, 0), _history.Judge());
        Assert.True(_history.IsComplete);
        Assert.Equal(6, _history.Latencies.Count);
    }

    [Fact]
    public void What_one_screen_did_not_show_is_lost()
    {
        Post(1, 2, 3);
        Show(screen: 0, 1, 2, 3);
        Show(screen: 1, 1, 3);
        Assert.Equal(1, _history.Judge().Lost);
        Assert.False(_history.IsComplete);
    }

    [Fact]
    public void What_was_shown_again_is_doubled_and_has_one_latency()
    {
        Post(1);
        Show(screen: 0, 1, 1);
        Show(screen: 1, 1);
        Assert.Equal(new ScreenVerdict(1, 2, 0, 1, 0), _history.Judge());
        Assert.Equal(2, _history.Latencies.Count);
    }

    [Fact]
    public void What_came_after_a_newer_one_of_its_author_is_out_of_order()
    {
        Post(1, 2);
        Show(screen: 0, 2, 1);
        Show(screen: 1, 1, 2);
        Assert.Equal(1, _history.Judge().Inversions);
    }

    [Fact]
    public void Authors_have_no_order_among_each_other()
    {
        Post(1, 2);
        _history.Show(0, "ada", 2, 200, 1);
        _history.Show(0, "bo", 1, 100, 1);
        Assert.Equal(0, _history.Judge().Inversions);
    }

    [Fact]
    public void What_was_shown_and_not_acknowledged_makes_up_for_nothing()
    {
        Post(1);
        Show(screen: 0, 1, 7);
        Show(screen: 1, 7);
        Assert.Equal(1, _history.Judge().Lost);
    }

    private void Post(params int[] numbers) => Array.ForEach(numbers, n => _history.Acknowledge(n));

    private void Show(int screen, params int[] numbers) => Array.ForEach(numbers, n => _history.Show(screen, "ada", n, n * 100, 1_000));
}
