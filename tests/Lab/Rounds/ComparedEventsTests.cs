using Twite.Lab.Reports;
using Twite.Lab.Tests.Wires;

namespace Twite.Lab.Tests.Rounds;

/// <summary>What became of events is told as it was.</summary>
public sealed class ComparedEventsTests
{
    [Fact]
    public async Task A_tenth_that_was_lost_is_told_as_a_tenth()
    {
        // What this wire loses never comes, however long anybody waits.
        using var bed = new Bed { Plan = Bed.Short with { EventPatience = TimeSpan.FromMilliseconds(100) } };
        var report = await bed.RunAsync("event", [new FakeWire(new FakeWireOptions { LoseEvery = 10 }).Column()]);
        AssertShare(report, "lost", 0.1);
        AssertShare(report, "doubles", 0);
    }

    [Fact]
    public async Task What_came_although_its_sending_failed_makes_up_for_nothing_that_was_lost()
    {
        using var bed = new Bed { Plan = Bed.Short with { EventPatience = TimeSpan.FromMilliseconds(100) } };
        var report = await bed.RunAsync("event", [new FakeWire(new FakeWireOptions { LoseEvery = 10, FailAfterEvery = 10 }).Column()]);
        AssertShare(report, "failures", 0.1);
        AssertShare(report, "lost", 0.1);
    }

    [Fact]
    public async Task Events_that_came_twice_are_counted()
    {
        using var bed = new Bed();
        var report = await bed.RunAsync("event", [new FakeWire(new FakeWireOptions { DoubleEvery = 4 }).Column()]);
        AssertShare(report, "doubles", 0.25);
        AssertShare(report, "lost", 0);
    }

    [Fact]
    public async Task Events_that_overtook_others_are_counted()
    {
        using var bed = new Bed();
        var report = await bed.RunAsync("event", [new FakeWire(new FakeWireOptions { SwapEvery = 5 }).Column()]);
        var cell = Bed.Cell(report, "open-common");
        // Twenty events a round, of which every fifth was held back.
        Assert.All(cell.Figures["inversions"].Rounds, round => Assert.InRange(round, 3, 4));
        AssertShare(report, "doubles", 0);
    }

    [Fact]
    public async Task What_goes_by_best_effort_is_told_beside_what_is_guaranteed()
    {
        using var bed = new Bed { Plan = Bed.Short with { EventPatience = TimeSpan.FromMilliseconds(100) } };
        var report = await bed.RunAsync("event", [new FakeWire(new FakeWireOptions { LoseEvery = 10 }).Column()]);
        Assert.All(Bed.Cell(report, "open-common-best-effort").Figures["lost"].Rounds, round => Assert.Equal(2, round));
    }

    [Fact]
    public async Task Nothing_is_lost_doubled_or_overtaken_on_a_wire_that_does_none_of_it()
    {
        using var bed = new Bed();
        var figures = Bed.Cell(await bed.RunAsync("event", [new FakeWire(new FakeWireOptions()).Column()]), "open-common").Figures;
        Assert.Equal((0, 0, 0, 0), (figures["lost"].Max, figures["doubles"].Max, figures["inversions"].Max, figures["failures"].Max));
    }

    // The nth of a shared count: a round may begin anywhere in it.
    private static void AssertShare(Report report, string figure, double share)
    {
        var cell = Bed.Cell(report, "open-common");
        Assert.Equal(3, cell.Figures[figure].Rounds.Count);
        Assert.All(cell.Figures[figure].Rounds, round => Assert.Equal(20 * share, round));
    }
}
