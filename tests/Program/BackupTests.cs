using System.Net.Http.Headers;
using System.Net.Http.Json;
using Microsoft.Data.Sqlite;

namespace Twite.ProgramTests;

/// <summary><c>twite admin backup</c> and <c>restore</c>.</summary>
public sealed class BackupTests : IDisposable
{
    private readonly CommandLine _twite = new();

    private string Backup => _twite.PathOf("backup");

    [Fact]
    public async Task What_was_posted_before_a_backup_is_there_when_it_is_brought_back_and_what_came_later_is_not()
    {
        await CreateAccountAsync();
        var token = (await AdminAsync("token", "alice")).Output.Trim();
        await using (var program = await RunAsync(_twite.Data))
        {
            using var alice = Client(program, token);
            await PostAsync(alice, "before");
            Succeeded(await AdminAsync("backup", Backup));
            await PostAsync(alice, "after");
        }
        var restored = _twite.PathOf("restored");
        Succeeded(await _twite.RunAsync("admin", "restore", Backup, "--data", restored));
        await using (var program = await RunAsync(restored))
        {
            using var alice = Client(program, token);
            Assert.Equal(["before"], await TimelineAsync(alice));
            await PostAsync(alice, "again");
            Assert.Equal(["again", "before"], await TimelineAsync(alice));
        }
    }

    [Fact]
    public async Task A_backup_is_said_with_its_size_and_is_for_its_owner_alone()
    {
        await CreateAccountAsync();
        var made = Succeeded(await AdminAsync("backup", Backup));
        Assert.Matches($"^{Backup} has accounts.db now, 0\\.\\d MiB\\.", made.Output);
        Assert.Equal([Path.Combine(Backup, "accounts.db")], Directory.GetFileSystemEntries(Backup));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Backup));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(Backup, "accounts.db")));
        }
    }

    [Fact]
    public async Task A_backup_goes_to_a_directory_of_its_own()
    {
        await CreateAccountAsync();
        Directory.CreateDirectory(Backup);
        Refused("exists already", await AdminAsync("backup", Backup), exitCode: 2);
        Assert.Empty(Directory.GetFileSystemEntries(Backup));
    }

    [Fact]
    public async Task A_backup_of_nothing_is_refused()
    {
        Refused("There is no network", await AdminAsync("backup", Backup), exitCode: 2);
        Assert.False(Path.Exists(Backup) || Path.Exists(_twite.Data));
    }

    [Fact]
    public async Task A_backup_that_cannot_be_made_leaves_nothing_behind()
    {
        await CreateAccountAsync();
        _twite.Write("data/messages.db", string.Concat(Enumerable.Repeat("These are my notes. ", 1000)));
        Refused("messages.db is not a database", await AdminAsync("backup", Backup));
        Assert.Equal([_twite.Data], Directory.GetFileSystemEntries(Path.GetDirectoryName(Backup)!));
    }

    [Fact]
    public async Task A_network_that_runs_is_not_replaced()
    {
        await using var program = await RunAsync(_twite.Data);
        Succeeded(await AdminAsync("backup", Backup));
        Refused("Stop the network", await AdminAsync("restore", Backup, "--replace"));
        Assert.False(Path.Exists(Path.Combine(_twite.Data, "restoring")));
    }

    [Fact]
    public async Task A_network_is_replaced_only_when_that_is_said_and_then_set_aside()
    {
        await CreateAccountAsync();
        Succeeded(await AdminAsync("backup", Backup));
        await CreateAccountAsync("bob");
        Refused("--replace", await AdminAsync("restore", Backup), exitCode: 2);

        var replaced = Succeeded(await AdminAsync("restore", Backup, "--replace"));
        var aside = Assert.Single(Directory.GetDirectories(_twite.Data));
        Assert.Contains(aside, replaced.Output);
        Refused("bob", await AdminAsync("token", "bob"));
        Succeeded(await _twite.RunAsync("admin", "token", "bob", "--data", aside));
    }

    [Fact]
    public async Task A_backup_that_lacks_what_is_there_is_refused()
    {
        await CreateAccountAsync();
        Succeeded(await AdminAsync("backup", Backup));
        Succeeded(await _twite.RunAsync("seed", "--demo", "2", "--data", _twite.Data));
        Refused("lacks follows.db, messages.db", await AdminAsync("restore", Backup, "--replace"), exitCode: 2);
    }

    [Fact]
    public async Task A_directory_without_a_backup_is_said()
    {
        Refused("There is no backup", await AdminAsync("restore", _twite.PathOf("nowhere")), exitCode: 2);
        Assert.False(Path.Exists(_twite.Data));
    }

    [Theory]
    [InlineData(true, "newer version")]
    [InlineData(false, "is damaged")]
    public async Task What_cannot_be_used_is_refused_and_what_is_there_stays(bool newer, string because)
    {
        await CreateAccountAsync();
        Succeeded(await AdminAsync("backup", Backup));
        await CreateAccountAsync("bob");
        var file = Path.Combine(Backup, "accounts.db");
        if (newer)
        {
            await using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
            await connection.OpenAsync(TestContext.Current.CancellationToken);
            await using var command = connection.CreateCommand();
            command.CommandText = "INSERT INTO SchemaVersions (ScriptName, Applied) VALUES ('Twite.Accounts.Migrations.0099-of-the-future.sql', '2027-01-01')";
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }
        else
        {
            var bytes = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
            bytes.AsSpan(4096).Fill(0x55);
            await File.WriteAllBytesAsync(file, bytes, TestContext.Current.CancellationToken);
        }
        Refused(because, await AdminAsync("restore", Backup, "--replace"));
        Succeeded(await AdminAsync("token", "bob"));
    }

    [Fact]
    public async Task What_a_restore_that_was_cut_short_left_is_no_hindrance()
    {
        await CreateAccountAsync();
        Succeeded(await AdminAsync("backup", Backup));
        Directory.CreateDirectory(_twite.PathOf("data/restoring"));
        _twite.Write("data/restoring/accounts.db", "half of it");
        Succeeded(await AdminAsync("restore", Backup, "--replace"));
        Succeeded(await AdminAsync("token", "alice"));
    }

    [Fact]
    public async Task Tables_on_a_server_are_the_server_s_to_back_up()
    {
        await CreateAccountAsync();
        const string server = "--Storage:ConnectionString=Host=db.example;Database=twite";
        Refused("pg_dump", await AdminAsync("backup", Backup, server), exitCode: 2);
        Refused("pg_dump", await AdminAsync("restore", _twite.Data, server), exitCode: 2);
    }

    public void Dispose() => _twite.Dispose();

    private static Task<RunningProgram> RunAsync(string data) => RunningProgram.StartAsync("run", "--urls", "http://127.0.0.1:0", "--data", data);

    private static HttpClient Client(RunningProgram program, string token) => new()
    {
        BaseAddress = program.Url,
        DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", token) },
    };

    private static async Task PostAsync(HttpClient person, string text)
    {
        using var reply = await person.PostAsJsonAsync("/api/v1/statuses", new { status = text }, TestContext.Current.CancellationToken);
        reply.EnsureSuccessStatusCode();
    }

    private static async Task<List<string>> TimelineAsync(HttpClient person) =>
        [.. (await person.GetFromJsonAsync<List<Status>>("/api/v1/timelines/public", TestContext.Current.CancellationToken))!.Select(s => s.Content.Replace("<p>", "").Replace("</p>", ""))];

    private static CommandResult Succeeded(CommandResult result)
    {
        Assert.True(result.ExitCode == 0, result.Errors);
        return result;
    }

    private static void Refused(string because, CommandResult result, int exitCode = 1)
    {
        Assert.Contains(because, result.Errors);
        Assert.Equal(exitCode, result.ExitCode);
        Assert.DoesNotContain("   at ", result.Errors);
    }

    private async Task CreateAccountAsync(string name = "alice") =>
        Succeeded(await _twite.RunWithInputAsync("correct horse battery\n", "admin", "create-account", name, "--password-stdin", "--data", _twite.Data));

    private Task<CommandResult> AdminAsync(params string[] arguments) => _twite.RunAsync(["admin", .. arguments, "--data", _twite.Data]);

    private sealed record Status(string Content);
}
