using Twite.Commands;

namespace Twite.ProgramTests;

/// <summary>The lab as people run it, with its processes.</summary>
public sealed class CompareTests : IDisposable
{
    private readonly CommandLine _twite = new();

    [Fact]
    public async Task A_comparison_leaves_a_report()
    {
        var directory = _twite.PathOf("comparison");
        var result = await _twite.RunAsync("compare", "--quick", "--transports", "direct", "--scenes", "call", "--out", directory, "--random-seed", "141");
        Assert.Equal("", string.Concat(result.Errors.Split('\n').Where(l => l.StartsWith("The report is not complete", StringComparison.Ordinal))));
        Assert.Equal(ExitCodes.Ok, result.ExitCode);
        Assert.Contains("Closed loop, 64 callers", result.Output);
        Assert.Contains(Path.Combine(directory, "report.html"), result.Output);
        foreach (var file in new[] { "report.json", "report.md", "report.html" })
        {
            Assert.Contains("141", await File.ReadAllTextAsync(Path.Combine(directory, file)));
        }
        Assert.NotEmpty(Directory.EnumerateFiles(Path.Combine(directory, "histograms"), "*.hlog"));
    }

    [Theory]
    [InlineData("--transports", "pigeons", "inproc, https, https-protobuf, grpcs, grpc, tcps, tcp, udps, udp, rabbitmq, nats")]
    [InlineData("--scenes", "tragedy", "call, event, screen")]
    public async Task What_is_unknown_is_refused_with_the_list_of_what_there_is(string option, string unknown, string known)
    {
        var result = await _twite.RunAsync("compare", option, unknown, "--out", _twite.PathOf("comparison"));
        Assert.Equal(ExitCodes.Usage, result.ExitCode);
        Assert.Contains($"\"{unknown}\"", result.Errors);
        Assert.Contains(known, result.Errors);
        Assert.False(Directory.Exists(_twite.PathOf("comparison")));
    }

    [Fact]
    public async Task The_verb_of_its_processes_is_not_shown() => Assert.DoesNotContain("compare-worker", (await _twite.RunAsync("--help")).Output);

    public void Dispose() => _twite.Dispose();
}
