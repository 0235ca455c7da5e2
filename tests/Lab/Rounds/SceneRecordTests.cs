using Twite.Lab.Reports;
using Twite.Lab.Rounds;

namespace Twite.Lab.Tests.Rounds;

/// <summary>What the samples of a cell come to.</summary>
public sealed class SceneRecordTests
{
    private static readonly Column Direct = Column.Floors[0];

    private readonly SceneRecord _record = new(new OneLoad(), [Direct]);

    [Fact]
    public void A_figure_is_the_median_with_the_smallest_and_the_largest()
    {
        Add(3, 1, 2);
        var figure = Cell().Figures["rate"];
        Assert.Equal((2, 1, 3), (figure.Median, figure.Min, figure.Max));
        Assert.Equal([3, 1, 2], figure.Rounds);
    }

    [Fact]
    public void The_median_of_two_lies_between_them()
    {
        Add(1, 4);
        Assert.Equal(2.5, Cell().Figures["rate"].Median);
    }

    [Fact]
    public void A_round_that_was_refused_gives_no_figure_and_is_counted()
    {
        Add(1, 2);
        Refuse();
        Assert.Equal((3, 1, null), (Cell().Rounds, Cell().RefusedRounds, Cell().Refusal));
        Assert.Equal([1, 2], Cell().Figures["rate"].Rounds);
    }

    [Fact]
    public void With_half_of_the_rounds_refused_there_is_no_figure_at_all()
    {
        Add(1);
        Refuse();
        Assert.Equal("late", Cell().Refusal);
        Assert.Empty(Cell().Figures);
    }

    [Fact]
    public void What_a_round_lacks_is_left_out()
    {
        Add(1, 2);
        _record.Add(OneLoad.Load, Direct, new Sample { Figures = new Dictionary<string, double> { ["rate"] = 3, ["p999"] = 9 } });
        Assert.Equal(["rate"], Cell().Figures.Keys);
    }

    [Fact]
    public void What_was_not_measured_says_so() => Assert.Equal("It has not been measured.", Cell().Refusal);

    [Theory]
    [InlineData(0, 1_000, false)]
    [InlineData(10, 1_000, false)]
    [InlineData(11, 1_000, true)]
    [InlineData(1, 1, true)]
    [InlineData(0, 0, false)]
    public void One_late_send_in_a_hundred_is_the_most(long late, long sends, bool refused) =>
        Assert.Equal(refused, Sample.RefuseLate(late, sends, TimeSpan.FromMilliseconds(5)) is not null);

    [Theory]
    [InlineData(1, "")]
    [InlineData(2, "p50")]
    [InlineData(10, "p50 p90")]
    [InlineData(100, "p50 p90 p99")]
    [InlineData(1_000, "p50 p90 p99 p999")]
    public void A_percentile_needs_one_that_lies_beyond_it(int count, string shown)
    {
        var latencies = new Lab.Load.Latencies();
        for (var i = 0; i < count; i++)
        {
            latencies.Record(1_000);
        }
        Assert.Equal(shown.Split(' ', StringSplitOptions.RemoveEmptyEntries).Append("max"), Sample.PercentilesOf(latencies).Select(p => p.Key));
    }

    private void Add(params double[] rates) =>
        Array.ForEach(rates, r => _record.Add(OneLoad.Load, Direct, new Sample { Figures = new Dictionary<string, double> { ["rate"] = r } }));

    private void Refuse() => _record.Add(OneLoad.Load, Direct, new Sample { Refusal = "late" });

    private ReportCell Cell() => _record.Summarize().Loads.Single().Cells.Single();

    private sealed class OneLoad : IScene
    {
        public static readonly LoadPoint Load = new("load", "Load");

        public string Key => "scene";

        public string Name => "Scene";

        public string About => "";

        public IReadOnlyList<LoadPoint> Loads => [Load];

        public bool Suits(Column column) => true;

        public Task<IStage> OpenAsync(Column column, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
