using Anywire.Messaging.Format;
using Anywire.Messaging.Server;
using Microsoft.Extensions.Time.Testing;

namespace Anywire.Messaging.Tests;

/// <summary>What is remembered of calls, and of whose.</summary>
public sealed class SeenCallsTests
{
    private const int Most = 3;

    private readonly FakeTimeProvider _time = new();
    private readonly SeenCalls _seen;

    public SeenCallsTests() => _seen = new SeenCalls(_time, Most);

    [Fact]
    public void One_that_comes_again_is_known_until_it_expires()
    {
        Assert.True(Add("web", 1));
        Assert.False(Add("web", 1));
    }

    [Fact]
    public void The_same_name_of_another_sender_is_another_call()
    {
        Assert.True(Add("stranger", 1));
        Assert.True(Add("web", 1));
    }

    [Fact]
    public void Who_has_filled_his_place_has_taken_nobody_elses()
    {
        for (var number = 0u; number < Most; number++)
        {
            Assert.True(Add("stranger", number));
        }
        Assert.Contains("of stranger", Assert.Throws<RefusedMessageException>(() => Add("stranger", Most)).Message, StringComparison.Ordinal);
        Assert.True(Add("web", Most));
    }

    [Fact]
    public void What_has_expired_makes_room_for_calls_that_expire_together_with_one_that_has_not()
    {
        var later = _time.GetUtcNow().UtcDateTime.AddSeconds(20);
        Assert.True(_seen.TryAdd("web", new CallId(1, 0), later));
        for (var number = 1u; number < Most; number++)
        {
            Assert.True(Add("web", number));
        }
        _time.Advance(TimeSpan.FromSeconds(15));
        Assert.True(_seen.TryAdd("web", new CallId(1, Most), later));
    }

    private bool Add(string sender, uint number) => _seen.TryAdd(sender, new CallId(1, number), _time.GetUtcNow().UtcDateTime.AddSeconds(10));
}
