using Anywire.Http.Mapping;
using CsCheck;

namespace Anywire.Http.Tests.Rest;

public sealed class TimeoutTests
{
    [Theory]
    [InlineData("1H", 36_000_000_000)]
    [InlineData("2M", 1_200_000_000)]
    [InlineData("3S", 30_000_000)]
    [InlineData("4m", 40_000)]
    [InlineData("5u", 50)]
    [InlineData("600n", 6)]
    [InlineData("99999999H", 99_999_999 * 36_000_000_000)]
    public void Each_unit_is_read(string text, long ticks)
    {
        Assert.True(GrpcTimeout.TryParse(text, out var timeout));
        Assert.Equal(TimeSpan.FromTicks(ticks), timeout);
    }

    [Theory, InlineData(""), InlineData("S"), InlineData("1"), InlineData("-1S"), InlineData("1.5S"), InlineData("123456789S"), InlineData("1s"), InlineData(" 1S")]
    public void What_is_none_is_not(string text) => Assert.False(GrpcTimeout.TryParse(text, out _));

    [Fact]
    public void No_time_is_lost_on_the_way() => Gen.Long[1, TimeSpan.TicksPerDay * 300].Sample(ticks =>
    {
        var remaining = TimeSpan.FromTicks(ticks);
        Assert.True(GrpcTimeout.TryParse(GrpcTimeout.Format(remaining), out var read));
        Assert.InRange(read, remaining, remaining + TimeSpan.FromSeconds(1));
    });
}
