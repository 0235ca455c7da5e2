using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml;
using System.Xml.Linq;
using Twite.Lab.Load;
using Twite.Lab.Reports;
using Twite.Lab.Tests.Rounds;
using Twite.Lab.Tests.Wires;

namespace Twite.Lab.Tests.Reports;

/// <summary>The files of a report: what programs read, what people read.</summary>
public sealed class ReportTests(MixedReport mixed) : IClassFixture<MixedReport>
{
    [Fact]
    public void Json_is_as_its_schema_says()
    {
        var problems = Problems(mixed.Read("report.json"));
        Assert.True(problems.Count == 0, string.Join('\n', problems));
    }

    [Fact]
    public void So_is_that_of_a_report_before_anybody_looked_at_what_others_used()
    {
        var json = JsonNode.Parse(mixed.Read("report.json"))!;
        Assert.True(json["machine"]!.AsObject().Remove("others"));
        Assert.Empty(Problems(json.ToJsonString()));
    }

    [Fact]
    public void So_is_the_published_report() => Assert.Empty(Problems(ReadFile("docs/comparison/report.json")));

    [Theory]
    [InlineData("\"schema\": 1", "\"schema\": 2")]
    [InlineData("\"complete\"", "\"finished\"")]
    [InlineData("\"unit\": \"µs\"", "\"unit\": \"ms\"")]
    [InlineData("\"p50\"", "\"p51\"")]
    [InlineData("\"rounds\": 3,", "\"rounds\": \"3\",")]
    public void The_schema_refuses_what_is_otherwise(string right, string wrong)
    {
        var json = mixed.Read("report.json");
        Assert.Contains(right, json);
        Assert.NotEmpty(Problems(json.Replace(right, wrong, StringComparison.Ordinal)));
    }

    [Fact]
    public void Html_is_well_formed_and_needs_nothing_from_elsewhere()
    {
        var html = mixed.Read("report.html");
        var page = ReadPage(html);
        Assert.DoesNotContain(page.Descendants(), e => e.Name.LocalName is "script" or "link" or "img" or "iframe" or "object");
        Assert.Empty(page.Descendants().Attributes().Where(a => a.Name.LocalName is "src" or "href" && !a.Value.StartsWith('#')).Select(a => a.ToString()));
        Assert.DoesNotContain("url(", html);
        Assert.DoesNotContain("@import", html);
        // Every reference within the page leads somewhere, and no place has the name of another.
        var ids = page.Descendants().Attributes("id").Select(a => a.Value).ToList();
        Assert.Equal(ids.Count, ids.Distinct().Count());
        Assert.Subset(ids.ToHashSet(), page.Descendants().Attributes("href").Select(a => a.Value[1..]).ToHashSet());
    }

    [Fact]
    public void Every_chart_says_what_it_shows()
    {
        var charts = ReadPage(mixed.Read("report.html")).Descendants("svg").ToList();
        Assert.NotEmpty(charts);
        Assert.All(charts, chart =>
        {
            Assert.Equal("img", chart.Attribute("role")?.Value);
            var ids = chart.Attribute("aria-labelledby")!.Value.Split(' ');
            Assert.All(ids, id => Assert.NotEmpty(chart.Elements().Single(e => e.Attribute("id")?.Value == id).Value));
            Assert.Contains("Fake sound", chart.Element("desc")!.Value);
        });
    }

    [Fact]
    public async Task What_a_wire_says_about_itself_is_no_markup()
    {
        using var bed = new Bed();
        await bed.RunAsync("call", [new FakeWire(new FakeWireOptions()).Column("<b>&\"|")]);
        Assert.Contains("Fake <b>&\"|", ReadPage(bed.Read("report.html")).Descendants("th").Select(e => e.Value));
        Assert.Contains("Fake <b>&\"\\|", bed.Read("report.md"));
    }

    [Fact]
    public void All_forms_show_the_same_figures_and_say_why_one_is_missing()
    {
        var rate = Bed.Cell(mixed.Report, "open-common", "sound").Figures["rate"];
        foreach (var text in new[] { mixed.Read("report.md"), mixed.Read("report.html") })
        {
            Assert.Contains(ReportTable.Format(rate.Median), text);
            Assert.Contains("The fake wire broke it.", text);
            Assert.Contains("This report is not complete.", text);
        }
    }

    [Fact]
    public async Task Raw_histograms_are_kept_in_the_format_that_others_read()
    {
        var cell = Bed.Cell(mixed.Report, "open-common", "sound");
        var bytes = await File.ReadAllBytesAsync(Path.Combine(mixed.Directory, cell.Histogram!));
        var lines = Encoding.ASCII.GetString(bytes).TrimEnd('\n').Split('\n');
        Assert.Equal("#[Histogram log format version 1.3]", lines[0]);
        var rounds = lines.Where(l => char.IsAsciiDigit(l[0])).Select(l => Latencies.Decode(Convert.FromBase64String(l.Split(',')[3]))).ToList();
        Assert.Equal(3, rounds.Count);
        Assert.All(rounds, r => Assert.Equal(20, r.Count));
        Assert.Equal(cell.Figures["p50"].Rounds, rounds.Select(r => r.Percentile(50)));
    }

    [Theory]
    [InlineData(0, "0")]
    [InlineData(0.004, "0.004")]
    [InlineData(1.234, "1.23")]
    [InlineData(45.67, "45.7")]
    [InlineData(348_999.6, "349,000")]
    public void Numbers_have_three_digits(double value, string text) => Assert.Equal(text, ReportTable.Format(value));

    private static XDocument ReadPage(string html)
    {
        using var reader = XmlReader.Create(new StringReader(html), new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore });
        return XDocument.Load(reader);
    }

    private static string ReadFile(string path, [CallerFilePath] string thisFile = "") =>
        File.ReadAllText(Path.Combine(Path.GetDirectoryName(thisFile)!, "../../..", path));

    private static List<string> Problems(string json)
    {
        using var schema = JsonDocument.Parse(ReadFile("src/Lab/Reports/report.schema.json"));
        using var report = JsonDocument.Parse(json);
        return [.. new JsonShape(schema.RootElement).Problems(report.RootElement)];
    }
}

/// <summary>A report with something of everything: figures, and a column without. Made once: nobody changes it.</summary>
public sealed class MixedReport : IAsyncLifetime
{
    private readonly Bed _bed = new();
    private Report? _report;

    /// <summary>What it says.</summary>
    internal Report Report => _report!;

    /// <summary>Where it is.</summary>
    internal string Directory => _bed.Directory;

    public async ValueTask InitializeAsync() => _report = await _bed.RunAsync(
        "call", [new FakeWire(new FakeWireOptions()).Column("sound"), new FakeWire(new FakeWireOptions { FailEvery = 2 }).Column("broken")]);

    public ValueTask DisposeAsync()
    {
        _bed.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>One of its files.</summary>
    internal string Read(string file) => _bed.Read(file);
}
