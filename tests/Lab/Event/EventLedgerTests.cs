using Microsoft.Extensions.Time.Testing;
using Twite.Lab.Event;
using Twite.Lab.Processes;

namespace Twite.Lab.Tests.Event;

/// <summary>What has come is told as it came.</summary>
public sealed class EventLedgerTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task What_came_of_a_flood_took_until_the_last_of_it_was_handled()
    {
        var ledger = new EventLedger(_time);
        var sent = _time.GetTimestamp();
        for (var number = 0; number < 4; number++)
        {
            _time.Advance(TimeSpan.FromSeconds(0.5));
            ledger.Note(new EventId(1, number, sent));
        }
        _time.Advance(TimeSpan.FromSeconds(5));
        var received = await ledger.CloseAsync(new ReadEvents(1, 4, [], 0), TestContext.Current.CancellationToken);
        Assert.Equal((4, 2.0), (received.Distinct, received.Seconds));
    }

    [Fact]
    public async Task What_came_although_its_sending_failed_is_not_among_what_was_acknowledged()
    {
        var ledger = new EventLedger(_time);
        foreach (var number in new[] { 0, 1, 3 })
        {
            ledger.Note(new EventId(1, number, _time.GetTimestamp()));
        }
        var received = await ledger.CloseAsync(new ReadEvents(1, 3, [3, 7], 0), TestContext.Current.CancellationToken);
        Assert.Equal(2, received.Distinct);
    }
}
