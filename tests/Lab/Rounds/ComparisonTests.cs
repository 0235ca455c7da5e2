using Twite.Lab.Tests.Wires;

namespace Twite.Lab.Tests.Rounds;

/// <summary>What the lab says about a wire is what is true of it.</summary>
public sealed class ComparisonTests
{
    [Fact]
    public async Task CPU_is_told_for_client_and_server_and_each_call()
    {
        using var bed = new Bed();
        var wire = new FakeWire(new FakeWireOptions { ClientCpu = TimeSpan.FromMicroseconds(20), ServerCpu = TimeSpan.FromMicroseconds(30) });
        var report = await bed.RunAsync("call", [wire.Column()], wire);
        Assert.True(report.Complete, report.Incompleteness);
        foreach (var load in new[] { "closed-1", "open-common" })
        {
            var figures = Bed.Cell(report, load).Figures;
            Assert.Equal(20, figures["cpu_client"].Median, 3);
            Assert.Equal(30, figures["cpu_server"].Median, 3);
            Assert.Equal(50, figures["cpu"].Median, 3);
            Assert.Equal(0, figures["failures"].Max);
        }
    }

    [Fact]
    public async Task Shares_are_of_what_was_measured_and_not_of_a_warm_up_in_which_the_wire_was_cold()
    {
        using var bed = new Bed { Plan = Bed.Short with { KneeShares = [0.5] } };
        // The warm-up of a tenth of a second has so many calls, and reaches fewer than 50 a second.
        var report = await bed.RunAsync("call", [new FakeWire(new FakeWireOptions { Cold = 8 }).Column()]);
        Assert.True(report.Complete, report.Incompleteness);
        Assert.InRange(Bed.Cell(report, "open-50").Figures["rate"].Median, 200, double.MaxValue);
    }

    [Fact]
    public async Task Where_no_report_can_be_written_nothing_is_measured()
    {
        using var bed = new Bed();
        Directory.CreateDirectory(Path.Combine(bed.Directory, "report.md"));
        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => bed.RunAsync("call", [new FakeWire(new FakeWireOptions()).Column()]));
        Assert.Empty(bed.Begun);
    }

    [Fact]
    public async Task A_brokers_CPU_is_told_and_is_part_of_the_whole()
    {
        using var bed = new Bed();
        var wire = new FakeWire(new FakeWireOptions
        {
            ClientCpu = TimeSpan.FromMicroseconds(20), ServerCpu = TimeSpan.FromMicroseconds(30), BrokerCpu = TimeSpan.FromMicroseconds(40),
        });
        var report = await bed.RunAsync("event", [wire.Column()], wire);
        Assert.True(report.Complete, report.Incompleteness);
        Assert.Equal(3, report.Columns.Single().Processes);
        foreach (var load in new[] { "open-common", "flood" })
        {
            var figures = Bed.Cell(report, load).Figures;
            Assert.Equal(40, figures["cpu_broker"].Median, 3);
            Assert.Equal(90, figures["cpu"].Median, 3);
        }
    }

    [Fact]
    public async Task A_wire_takes_part_in_what_it_can_carry()
    {
        using var bed = new Bed();
        var (all, small) = (new FakeWire(new FakeWireOptions()).Column("all"), new FakeWire(new FakeWireOptions { MaxMessageBytes = 1_130 }).Column("small"));
        Assert.Equal(["all"], await MeasuredAsync("call"));
        Assert.Equal(["all", "small"], await MeasuredAsync("event"));

        async Task<IEnumerable<string>> MeasuredAsync(string scene) => (await bed.RunAsync(scene, [all, small])).Scenes.Single().Loads[0].Cells.Select(c => c.Column);
    }

    [Fact]
    public void A_whole_network_needs_a_wire_beside_one_that_carries_events_only()
    {
        using var bed = new Bed();
        var scene = new Lab.Screen.ScreenScene(new Lab.Rounds.Setting(Bed.Short, new LocalWorkers([], _ => TimeSpan.Zero), 141, bed.Directory, TimeProvider.System));
        var small = new FakeWire(new FakeWireOptions { MaxMessageBytes = 1_130 });
        Assert.True(scene.Suits(new FakeWire(new FakeWireOptions()).Column()));
        Assert.False(scene.Suits(small.Column()));
        Assert.True(scene.Suits(small.Column(beside: "other:{name}")));
        Assert.False(scene.Suits(Column.Floors[0]));
    }

    [Fact]
    public async Task A_wire_is_never_said_to_be_faster_than_it_is()
    {
        using var bed = new Bed();
        var report = await bed.RunAsync("call", [new FakeWire(new FakeWireOptions { Latency = TimeSpan.FromMilliseconds(5) }).Column()]);
        var figures = Bed.Cell(report, "closed-1").Figures;
        // Timers may fire late on a busy machine, and a millisecond early; what is exact is tested on a simulated clock.
        Assert.True(figures["p50"].Min >= 4_000, $"p50 was {figures["p50"].Min} µs.");
        Assert.InRange(figures["rate"].Max, 1, 250);
        Assert.Equal(3, figures["p50"].Rounds.Count);
        Assert.True(figures["p50"].Min <= figures["p50"].Median && figures["p50"].Median <= figures["p50"].Max);
    }

    [Fact]
    public async Task A_cell_whose_generator_was_late_has_no_figure_and_says_so()
    {
        // No send leaves within a tenth of a microsecond of its moment.
        using var bed = new Bed { Plan = Bed.Short with { LateAfter = TimeSpan.FromTicks(1) } };
        var report = await bed.RunAsync("call", [new FakeWire(new FakeWireOptions()).Column()]);
        var cell = Bed.Cell(report, "open-common");
        Assert.Contains("the lab's generator was the bottleneck", cell.Refusal);
        Assert.Equal((3, 3), (cell.Rounds, cell.RefusedRounds));
        Assert.Empty(cell.Figures);
        Assert.Null(cell.Histogram);
        // Nobody was late in a closed loop.
        Assert.Null(Bed.Cell(report, "closed-1").Refusal);
    }

    [Fact]
    public async Task A_column_that_fails_does_not_cost_the_others()
    {
        using var bed = new Bed();
        var columns = new[]
        {
            new FakeWire(new FakeWireOptions { FailEvery = 2 }).Column("broken"),
            new FakeWire(new FakeWireOptions()).Column("sound"),
        };
        var report = await bed.RunAsync("call", columns);
        Assert.False(report.Complete);
        Assert.Contains("broken", report.Incompleteness);
        Assert.Contains("The fake wire broke it.", Bed.Cell(report, "closed-1", "broken").Refusal);
        Assert.Empty(Bed.Cell(report, "closed-1", "broken").Figures);
        Assert.True(Bed.Cell(report, "closed-1", "sound").Figures["rate"].Median > 0);
    }

    [Fact]
    public async Task Rounds_are_interleaved_in_an_order_that_the_seed_gives_again()
    {
        var plan = Bed.Short with { Measurement = TimeSpan.FromMilliseconds(20), WarmUp = TimeSpan.FromMilliseconds(10) };
        using var first = new Bed { Plan = plan };
        using var second = new Bed { Plan = plan };
        foreach (var bed in new[] { first, second })
        {
            var columns = Enumerable.Range(0, 5).Select(i => new FakeWire(new FakeWireOptions()).Column($"{(char)('a' + i)}")).ToList();
            await bed.RunAsync("call", columns);
        }
        var measured = first.Begun.Where(b => b.Contains("round")).ToList();
        // Every column once before any comes again.
        Assert.All(measured.Chunk(5), round => Assert.Equal(5, round.Distinct().Count()));
        Assert.True(measured.Chunk(5).Select(r => string.Concat(r.Select(w => w[^1]))).Distinct().Count() > 1, "Every round had the same order.");
        Assert.Equal(first.Begun, second.Begun);
    }

    [Fact]
    public async Task What_is_stopped_leaves_a_report_that_says_so()
    {
        using var stop = new CancellationTokenSource();
        using var bed = new Bed { OnBegin = what => Stop(what.Contains("round 2", StringComparison.Ordinal), stop) };
        var report = await bed.RunAsync("call", [new FakeWire(new FakeWireOptions()).Column()], cancellationToken: stop.Token);
        Assert.False(report.Complete);
        Assert.Equal("It was stopped after 2 of 6 measurements.", report.Incompleteness);
        Assert.Single(Bed.Cell(report, "closed-1").Figures["rate"].Rounds);
        foreach (var file in new[] { "report.json", "report.md", "report.html" })
        {
            Assert.Contains("stopped after 2 of 6", await File.ReadAllTextAsync(Path.Combine(bed.Directory, file)));
        }
    }

    private static void Stop(bool now, CancellationTokenSource stop)
    {
        if (now)
        {
            stop.Cancel();
        }
    }
}
