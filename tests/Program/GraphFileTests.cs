using System.IO.Compression;
using System.Text;
using Twite.Seeding;

namespace Twite.ProgramTests;

/// <summary>Graphs are read plain and compressed, and a broken line is named by its number.</summary>
public sealed class GraphFileTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("twite-graph-");

    [Fact]
    public async Task Pairs_comments_blanks_and_case() => Assert.Equal(
        [new Edge("alice", "bob"), new Edge("1", "22"), new Edge("a_1", "b")],
        await ReadAsync("# a graph\nalice bob\n\n  1\t22   # two numbers\r\nA_1,B\n"));

    [Fact]
    public async Task The_last_line_needs_no_end() => Assert.Equal([new Edge("a", "b")], await ReadAsync("a b"));

    [Fact]
    public async Task Compressed_reads_the_same() => Assert.Equal([new Edge("a", "b"), new Edge("b", "c")], await ReadAsync("a b\nb c\n", compress: true));

    [Fact]
    public async Task A_large_file_is_read_to_its_end()
    {
        var lines = Enumerable.Range(0, 20_000).Select(i => $"person{i} person{i + 1}").ToList();
        var edges = await ReadAsync(string.Join('\n', lines));
        Assert.Equal(lines, edges.Select(e => $"{e.Follower} {e.Followee}"));
    }

    [Theory]
    [InlineData("a b\nc\n", 2, "one")]
    [InlineData("a b\n\n# c\na b c\n", 4, "3")]
    [InlineData("a b!\n", 1, "\"b!\" is not a name")]
    [InlineData("a 1234567890123456789012345678901\n", 1, "is not a name")]
    public async Task A_broken_line_is_named_by_its_number(string text, int line, string because)
    {
        var error = await Assert.ThrowsAsync<InputLineException>(() => ReadAsync(text));
        Assert.Contains($"line {line}:", error.Message);
        Assert.Contains(because, error.Message);
    }

    [Fact]
    public async Task A_line_without_end_does_not_take_the_memory() =>
        Assert.Contains("no line of such a file is that long", (await Assert.ThrowsAsync<InputLineException>(() => ReadAsync(new string('a', 1_000_000)))).Message);

    [Fact]
    public async Task Damaged_compression_is_said()
    {
        var path = Path.Combine(_directory.FullName, "broken.gz");
        await File.WriteAllTextAsync(path, "this is not compressed");
        using var file = new InputFile(path);
        var error = await Assert.ThrowsAsync<InputLineException>(async () => await GraphFile.ReadAsync(file, CancellationToken.None).ToListAsync());
        Assert.Contains("damaged", error.Message);
    }

    [Fact]
    public void A_missing_file_is_said() => Assert.Throws<FileNotFoundException>(() => new InputFile(Path.Combine(_directory.FullName, "none")));

    public void Dispose() => _directory.Delete(recursive: true);

    private async Task<List<Edge>> ReadAsync(string text, bool compress = false)
    {
        var path = Path.Combine(_directory.FullName, compress ? "graph.txt.gz" : "graph.txt");
        await using (var stream = File.Create(path))
        await using (var data = compress ? new GZipStream(stream, CompressionLevel.Fastest) : (Stream)stream)
        {
            await data.WriteAsync(Encoding.UTF8.GetBytes(text));
        }
        using var file = new InputFile(path);
        return await GraphFile.ReadAsync(file, CancellationToken.None).ToListAsync();
    }
}
