using Anywire;
using Anywire.Udp;
using Twite.Faults;
using Twite.Lab.Processes;
using Twite.Lab.Tests.Processes;
using Twite.Lab.Tests.Wires;

namespace Twite.Lab.Tests.Rounds;

/// <summary>Loss as an axis of the scenes event and screen, with the real program: what is lost on the way is sent again, and comes later.</summary>
public sealed class LossTests
{
    private const int Percent = 20;

    // A datagram is sent again after 38 ms at the earliest.
    private const double SentAgain = 38_000;

    [Theory]
    [InlineData("event", "open-common")]
    [InlineData("screen", "posting")]
    public async Task What_is_lost_on_the_way_comes_later_and_is_told(string scene, string load)
    {
        // The other shows that both are there.
        LongForm.RequireIf(isLong: scene == "screen");
        using var bed = new Bed
        {
            Plan = Bed.Short with
            {
                Rounds = 1,
                Measurement = TimeSpan.FromSeconds(1),
                CommonRate = 300,
                Screen = TimeSpan.FromSeconds(3),
                WarmUp = TimeSpan.FromSeconds(1),
                People = (2, 3),
                PostRate = 20,
                Losses = [0, Percent],
            },
        };
        // A worker knows its column by the key alone; here is what the comparison must know of it.
        var column = Column.Wire("udps", "UDP", "udps://127.0.0.1:{port}", () => new Transports(new UdpTransport()), beside: "tcps://127.0.0.1:{port}", sendsDatagrams: true);
        var report = await bed.RunAsync(scene, [column], new WorkerProcesses(TwiteProgram.Worker), CancellationToken.None);
        Assert.True(report.Complete, report.Incompleteness);
        foreach (var percent in new[] { 0, Percent })
        {
            var shown = report.Scenes.Single().Loads.Single(l => l.Key == $"{load}-loss-{percent}");
            var figures = shown.Cells.Single().Figures;
            Assert.Equal(percent, shown.Loss);
            Assert.Equal((0, 0, 0), (figures["lost"].Max, figures["doubles"].Max, figures["failures"].Max));
            // Events may overtake each other; nobody sees that on a screen.
            Assert.True(scene == "event" || figures["inversions"].Max == 0);
            Assert.Equal(percent > 0, figures["dropped"].Min > 0);
            Assert.True(percent == 0 || figures["p90"].Min >= SentAgain, $"p90 was {figures["p90"].Min} µs.");
            Assert.DoesNotContain(figures.Keys, k => k.StartsWith("cpu", StringComparison.Ordinal) || k == "bytes");
        }
        Assert.Null(report.Scenes.Single().Loads.Single(l => l.Key == load).Loss);
        Assert.Contains("% of datagrams lost", bed.Read("report.md"));
        Assert.Contains("% of datagrams lost", bed.Read("report.html"));
    }

    [Fact]
    public async Task Columns_without_datagrams_have_no_such_tables()
    {
        using var bed = new Bed();
        var report = await bed.RunAsync("event", [new FakeWire(new FakeWireOptions()).Column()]);
        Assert.True(report.Complete);
        Assert.DoesNotContain(report.Scenes.Single().Loads, l => l.Loss is not null);
    }
}
