using Microsoft.Extensions.Time.Testing;
using Twite.Accounts;
using Twite.Accounts.Throttling;

namespace Twite.Services.Accounts;

public sealed class ThrottleTests
{
    private readonly FakeTimeProvider _time = new();

    private Throttle Make(int capacity = 10) => new(new Allowance(3, TimeSpan.FromMinutes(5)), capacity, _time);

    [Fact]
    public void Lets_as_many_through_as_it_may()
    {
        var throttle = Make();
        Assert.Equal([true, true, true, false, false], Enumerable.Range(0, 5).Select(_ => throttle.TryCount("a", out var _)));
    }

    [Fact]
    public void Counts_each_key_for_itself()
    {
        var throttle = Make();
        Fill(throttle, "a");
        Assert.True(throttle.TryCount("b", out _));
    }

    [Fact]
    public void The_window_slides()
    {
        var throttle = Make();
        throttle.TryCount("a", out _);
        _time.Advance(TimeSpan.FromMinutes(4));
        throttle.TryCount("a", out _);
        throttle.TryCount("a", out _);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.True(throttle.TryCount("a", out _));
        Assert.False(throttle.TryCount("a", out _));
    }

    [Fact]
    public void Says_when_to_try_again()
    {
        var throttle = Make();
        Fill(throttle, "a");
        _time.Advance(TimeSpan.FromMinutes(2));
        throttle.TryCount("a", out var retryAfter);
        Assert.Equal(TimeSpan.FromMinutes(3), retryAfter);
    }

    [Fact]
    public void What_was_no_failure_does_not_count()
    {
        var throttle = Make();
        Fill(throttle, "a");
        throttle.TakeBack("a");
        Assert.True(throttle.TryCount("a", out _));
        Assert.False(throttle.TryCount("a", out _));
    }

    [Fact]
    public void Remembers_no_more_keys_than_it_may()
    {
        var throttle = Make(capacity: 10);
        foreach (var key in Enumerable.Range(0, 1_000))
        {
            throttle.TryCount(key.ToString(), out _);
        }
        Assert.Equal(10, throttle.Count);
    }

    [Fact]
    public void Forgets_first_whom_it_heard_of_least_recently()
    {
        var throttle = Make(capacity: 2);
        Fill(throttle, "a");
        Fill(throttle, "b");
        throttle.TryCount("a", out _);
        throttle.TryCount("c", out _);
        Assert.False(throttle.TryCount("a", out _));
        Assert.True(throttle.TryCount("b", out _));
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("192.0.2.7", "192.0.2.7")]
    [InlineData("::ffff:192.0.2.7", "192.0.2.7")]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64")]
    [InlineData("2001:db8:1:2:ffff::", "2001:db8:1:2::/64")]
    public void An_address_is_counted_under_its_network(string address, string? key) => Assert.Equal(key, ClientAddress.KeyOf(address));

    private static void Fill(Throttle throttle, string key)
    {
        for (var i = 0; i < 3; i++)
        {
            throttle.TryCount(key, out _);
        }
    }
}
