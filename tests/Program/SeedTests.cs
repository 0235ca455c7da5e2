using System.Security.Cryptography;
using Microsoft.Data.Sqlite;

namespace Twite.ProgramTests;

/// <summary>Seeding fills the files once, however often it is run and wherever it was cut short.</summary>
public sealed class SeedTests : IDisposable
{
    private readonly CommandLine _twite = new();

    [Fact]
    public async Task A_graph_makes_people_and_follows()
    {
        var result = await SeedAsync("a b\nb c\n# done\n");
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("3 people (3 new), 2 new follows of 2", result.Output);
        Assert.Equal(3, Count("accounts", "SELECT count(*) FROM accounts"));
    }

    [Fact]
    public async Task Mutual_makes_both_follow() => Assert.Contains("4 new follows of 4", (await SeedAsync("a b\nb c\n", "--mutual")).Output);

    [Fact]
    public async Task Following_oneself_is_left_out_and_said()
    {
        var result = await SeedAsync("a a\na b\n");
        Assert.Contains("1 new follows of 1", result.Output);
        Assert.Contains("1 lines that would have made somebody follow themselves", result.Output);
    }

    [Fact]
    public async Task A_second_run_doubles_nothing()
    {
        var messages = _twite.Write("messages.txt", "hello\nhello\n\nanother one\n");
        Assert.Contains("3 new messages of 3", (await SeedAsync("a b\nb c\n", "--messages", messages)).Output);
        var again = await SeedAsync("a b\nb c\n", "--messages", messages);
        Assert.Contains("3 people (0 new), 0 new follows of 2, 0 new messages of 3", again.Output);
        Assert.Equal(3, Count("messages", "SELECT count(*) FROM messages"));
    }

    [Fact]
    public async Task A_second_run_doubles_nothing_when_the_keys_are_long_forgotten()
    {
        var messages = _twite.Write("messages.txt", "hello\n");
        await SeedAsync("a b\n", "--messages", messages);
        Execute("messages", "DELETE FROM idempotency_keys");
        await SeedAsync("a b\n", "--messages", messages);
        Assert.Equal(1, Count("messages", "SELECT count(*) FROM messages"));
    }

    [Fact]
    public async Task A_run_that_was_cut_short_before_it_could_write_it_down_doubles_nothing()
    {
        var messages = _twite.Write("messages.txt", "hello\n");
        await SeedAsync("a b\n", "--messages", messages);
        File.Delete(Path.Combine(_twite.Data, "seeds.json"));
        Assert.Contains("0 new messages of 1", (await SeedAsync("a b\n", "--messages", messages)).Output);
    }

    [Fact]
    public async Task A_new_network_is_seeded_whatever_was_written_down()
    {
        var messages = _twite.Write("messages.txt", "hello\n");
        await SeedAsync("a b\n", "--messages", messages);
        SqliteConnection.ClearAllPools();
        foreach (var file in Directory.EnumerateFiles(_twite.Data, "*.db*"))
        {
            File.Delete(file);
        }
        Assert.Contains("1 new messages of 1", (await SeedAsync("a b\n", "--messages", messages)).Output);
    }

    [Fact]
    public async Task A_broken_line_ends_it_and_a_mended_file_goes_on()
    {
        var broken = await SeedAsync(string.Concat(Enumerable.Range(0, 6_000).Select(i => $"p{i} p{i + 1}\n")) + "oops\n");
        Assert.Equal(2, broken.ExitCode);
        Assert.Contains("line 6,001:", broken.Errors);
        // Whole batches before it are there; the rest comes with the next run.
        var mended = await SeedAsync(string.Concat(Enumerable.Range(0, 6_000).Select(i => $"p{i} p{i + 1}\n")));
        Assert.Equal(0, mended.ExitCode);
        Assert.Contains("6,001 people (1,000 new), 1,000 new follows of 6,000", mended.Output);
    }

    [Fact]
    public async Task A_message_that_is_too_long_is_named_by_its_line()
    {
        var messages = _twite.Write("messages.txt", "fine\n\n" + new string('x', 142) + "\n");
        var result = await SeedAsync("a b\n", "--messages", messages);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("messages.txt, line 3:", result.Errors);
        Assert.Contains("141", result.Errors);
    }

    [Fact]
    public async Task A_graph_of_nobody_cannot_say_anything()
    {
        var result = await SeedAsync("# nobody\n", "--messages", _twite.Write("messages.txt", "hello\n"));
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("names nobody", result.Errors);
        Assert.DoesNotContain("should not have happened", result.Errors);
    }

    [Fact]
    public async Task Names_that_were_given_up_are_left_out_and_said()
    {
        await SeedAsync("a b\n");
        Execute("accounts", $"INSERT INTO retired_names (name_hash) VALUES (x'{Convert.ToHexString(SHA256.HashData("gone"u8))}')");
        var result = await SeedAsync("a gone\ngone b\nb a\n", "--messages", _twite.Write("messages.txt", string.Concat(Enumerable.Range(0, 40).Select(i => $"hello {i}\n"))));
        Assert.True(result.ExitCode == 0, result.Errors);
        Assert.Contains("2 people (0 new), 1 new follows of 1", result.Output);
        Assert.Contains("1 names were deleted with their accounts", result.Output);
        Assert.Equal(0, Count("messages", "SELECT count(*) FROM messages WHERE author_id = 0"));
        Assert.Equal(0, Count("follows", "SELECT count(*) FROM follows WHERE follower_id = 0 OR followee_id = 0"));
    }

    [Fact]
    public async Task A_demonstration_is_made_once()
    {
        Assert.Contains("50 people (50 new)", (await _twite.RunAsync("seed", "--demo", "50", "--data", _twite.Data)).Output);
        var again = await _twite.RunAsync("seed", "--demo", "50", "--data", _twite.Data);
        Assert.Matches("50 people \\(0 new\\), 0 new follows of [0-9,]+, 0 new messages of 500", again.Output);
    }

    [Fact]
    public async Task A_missing_file_makes_no_data_directory()
    {
        await _twite.RunAsync("seed", "--graph", _twite.PathOf("none"), "--data", _twite.Data);
        Assert.False(Directory.Exists(_twite.Data));
    }

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        _twite.Dispose();
    }

    private Task<CommandResult> SeedAsync(string graph, params string[] more) =>
        _twite.RunAsync(["seed", "--graph", _twite.Write("graph.txt", graph), "--data", _twite.Data, .. more]);

    private long Count(string database, string query) => (long)Execute(database, query)!;

    private object? Execute(string database, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(_twite.Data, database + ".db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }
}
