namespace Anywire.Tests;

/// <summary>Looking before sleeping is for peers that answer at once.</summary>
public sealed class SpinTests
{
    [Fact]
    public void Looking_in_vain_is_given_up_for_more_and_more_waits_and_no_more_than_255()
    {
        Assert.SkipWhen(Environment.ProcessorCount == 1, "with one processor nobody looks");
        var spin = new Spin();
        foreach (var skipped in new[] { 1, 3, 7, 15, 31, 63, 127, 255, 255 })
        {
            LookInVain(spin);
            for (var i = 0; i < skipped; i++)
            {
                Assert.False(spin.Begin());
            }
        }
    }

    [Fact]
    public void Once_it_was_of_use_it_is_given_up_for_one_wait_again()
    {
        Assert.SkipWhen(Environment.ProcessorCount == 1, "with one processor nobody looks");
        var spin = new Spin();
        LookInVain(spin);
        Assert.False(spin.Begin());
        Assert.True(spin.Begin());
        spin.Succeeded();
        LookInVain(spin);
        Assert.False(spin.Begin());
        Assert.True(spin.Begin());
    }

    private static void LookInVain(Spin spin)
    {
        Assert.True(spin.Begin());
        while (spin.GoOn())
        {
            // It takes 30 µs.
        }
    }
}
