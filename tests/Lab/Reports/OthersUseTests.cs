using Microsoft.Extensions.Time.Testing;
using Twite.Lab.Reports;
using Twite.Lab.Tests.Rounds;
using Twite.Lab.Tests.Wires;

namespace Twite.Lab.Tests.Reports;

/// <summary>Whether the machine was the lab's alone is said of the moment before, and not of what was built in the minute before.</summary>
public sealed class OthersUseTests
{
    [Theory]
    [InlineData("cpu  10 20 30 400 50 6 7 8 9 10\ncpu0 1 1 1 1 1 1 1 1 1 1\nintr 5\n", 81, 531)]
    // Linux before 2.6 had no more.
    [InlineData("cpu 10 20 30 400\n", 60, 460)]
    [InlineData("cpu  10 20 30 400 50", 60, 510)]
    [InlineData("intr 5\ncpu  1 0 0 2 0 0 0 0 0 0\n", 1, 3)]
    public void What_Linux_tells_of_its_processors_is_understood(string text, long busy, long all) =>
        Assert.Equal(new ProcessorTicks(busy, all), ProcessorTicks.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("\n\n")]
    [InlineData("cpu")]
    [InlineData("cpu \n")]
    [InlineData("cpu  10 20 30\n")]
    [InlineData("cpu0 10 20 30 400 50 6 7 8 9 10\n")]
    [InlineData("cpus  10 20 30 400 50 6 7 8 9 10\n")]
    [InlineData("cpu  10 20 x 400 50 6 7 8 9 10\n")]
    [InlineData("cpu  10 -20 30 400 50 6 7 8 9 10\n")]
    [InlineData("cpu  10 20.5 30 400 50 6 7 8 9 10\n")]
    [InlineData("cpu  10 20 30 400 50 6 7 99999999999999999999 9 10\n")]
    [InlineData("cpu  9223372036854775807 9223372036854775807 30 400 50 6 7 8 9 10\n")]
    public void Text_of_another_form_tells_nothing(string text) => Assert.Null(ProcessorTicks.Parse(text));

    [Fact]
    public void What_this_process_used_itself_is_not_what_others_used()
    {
        // Of two processors' second others and we worked half; of that half we worked a fifth.
        var use = OthersUse.Between(new ProcessorTicks(1_000, 9_000), new ProcessorTicks(1_100, 9_200), TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(1));
        Assert.Equal(0.4, use.Share!.Value, 3);
        Assert.Equal("/proc/stat over 1.0 s, without this process", use.How);
    }

    [Theory]
    // Processors can go away, and counters of theirs with them; what we used ourselves is counted more finely than the ticks.
    [InlineData(990, 9_200, 0.0)]
    [InlineData(1_001, 9_200, 0.0)]
    [InlineData(1_300, 9_200, 1.0)]
    [InlineData(1_100, 9_000, null)]
    [InlineData(1_100, 8_000, null)]
    public void A_share_is_one_or_unknown_whatever_the_counters_do(long busy, long all, double? share) => Assert.Equal(
        share,
        OthersUse.Between(new ProcessorTicks(1_000, 9_000), new ProcessorTicks(busy, all), TimeSpan.FromMilliseconds(20), TimeSpan.FromSeconds(1)).Share);

    [Fact]
    public void What_cannot_be_read_is_unknown() =>
        Assert.Null(OthersUse.Between(new ProcessorTicks(1_000, 9_000), null, TimeSpan.Zero, TimeSpan.FromSeconds(1)).Share);

    [Fact]
    public async Task Whoever_looks_and_is_stopped_waits_no_longer()
    {
        using var stopped = new CancellationTokenSource();
        stopped.Cancel();
        // A clock that stands: nothing else would end it.
        var use = await OthersUse.LookAsync(new FakeTimeProvider(), stopped.Token)
            .WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.NotEmpty(use.How);
    }

    [Fact]
    public async Task This_machine_says_something_true_or_why_it_says_nothing()
    {
        var use = await OthersUse.LookAsync(TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.InRange(use.Share ?? 0, 0, 1);
        Assert.Equal(OperatingSystem.IsLinux(), use.Share is not null);
        Assert.Contains("/proc/stat", use.How);
    }

    [Theory]
    [InlineData(0.03, "Just before, others used 3 % of the processors (a test says so).", false)]
    [InlineData(0.4, "Just before, others used 40 % of the processors (a test says so).", true)]
    [InlineData(null, "How much others used the processors just before is unknown: a test says so.", false)]
    public async Task The_report_says_how_busy_others_were_and_warns_of_that_alone(double? share, string words, bool warns)
    {
        // ./twite has just built itself: more threads than there are cores, a minute ago.
        using var bed = new Bed { Machine = Machine.This() with { LoadBefore = 1_000, Others = new OthersUse(share, "a test says so") } };
        var report = await bed.RunAsync("call", [new FakeWire(new FakeWireOptions()).Column()]);
        Assert.Equal(warns, report.Machine.WasBusy);
        foreach (var text in new[] { bed.Read("report.md"), bed.Read("report.html") })
        {
            Assert.Contains(words, text);
            Assert.Equal(warns, text.Contains("busy with something else", StringComparison.Ordinal));
        }
        Assert.Contains("\"how\": \"a test says so\"", bed.Read("report.json"));
    }
}
