namespace Twite.Storage;

public sealed class OpeningTests : IAsyncDisposable
{
    private readonly DatabaseBed _bed = new();

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Fact]
    public async Task A_running_instance_keeps_a_second_one_out()
    {
        await using var running = await _bed.OpenAsync();
        var refused = await Assert.ThrowsAsync<StorageException>(() => _bed.OpenAsync());
        Assert.Equal(StorageFailure.InUse, refused.Failure);
        Assert.Contains(_bed.Path, refused.Message, StringComparison.Ordinal);
        Assert.Contains("running", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_next_instance_may_have_it_once_the_first_is_gone()
    {
        await (await _bed.OpenAsync()).DisposeAsync();
        await (await _bed.OpenAsync()).DisposeAsync();
    }

    [Fact]
    public async Task A_tool_works_beside_a_running_instance()
    {
        await using var running = await _bed.OpenAsync();
        await using (var tool = await _bed.OpenAsync(_bed.Options with { Alongside = true }))
        {
            await tool.AddNoteAsync("from the tool");
        }
        Assert.Equal(["from the tool"], running.Notes());
    }

    [Fact]
    public async Task A_tool_makes_the_database_when_nobody_runs()
    {
        await using var tool = await _bed.OpenAsync(_bed.Options with { Alongside = true });
        await tool.AddNoteAsync("first");
        Assert.Equal(["first"], tool.Notes());
    }

    [Fact]
    public async Task A_newer_version_is_refused()
    {
        await (await _bed.OpenAsync()).DisposeAsync();
        await _bed.ExecuteAsync("INSERT INTO SchemaVersions (ScriptName, Applied) VALUES ('Storage.Tests.Migrations.0099-of-the-future.sql', '2027-01-01')");
        var refused = await Assert.ThrowsAsync<StorageException>(() => _bed.OpenAsync());
        Assert.Equal(StorageFailure.NewerVersion, refused.Failure);
        Assert.Contains("0099-of-the-future", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_refused_and_left_alone()
    {
        var text = string.Concat(Enumerable.Repeat("These are my notes. ", 1000));
        await File.WriteAllTextAsync(_bed.Path, text);
        var refused = await Assert.ThrowsAsync<StorageException>(() => _bed.OpenAsync());
        Assert.Equal(StorageFailure.NotADatabase, refused.Failure);
        Assert.Equal(text, await File.ReadAllTextAsync(_bed.Path));
    }

    [Fact]
    public async Task A_database_of_some_other_program_is_refused()
    {
        await _bed.ExecuteAsync("CREATE TABLE bookmarks (url TEXT)");
        var refused = await Assert.ThrowsAsync<StorageException>(() => _bed.OpenAsync());
        Assert.Equal(StorageFailure.NotADatabase, refused.Failure);
    }

    [Fact]
    public async Task A_directory_that_cannot_be_written_to_is_refused()
    {
        // Not even root may make files there.
        var refused = await Assert.ThrowsAsync<StorageException>(() => _bed.OpenAsync(_bed.Options with { Path = "/sys/kernel/notes.db" }));
        Assert.Equal(StorageFailure.ReadOnly, refused.Failure);
    }

    [Fact]
    public async Task A_directory_that_cannot_be_made_is_refused()
    {
        await File.WriteAllTextAsync(Path.Combine(_bed.Directory, "file"), "");
        var refused = await Assert.ThrowsAsync<StorageException>(
            () => _bed.OpenAsync(_bed.Options with { Path = Path.Combine(_bed.Directory, "file", "notes.db") }));
        Assert.Equal(StorageFailure.ReadOnly, refused.Failure);
    }

    [Fact]
    public async Task A_full_disk_is_named()
    {
        var refused = await Assert.ThrowsAsync<StorageException>(async () =>
        {
            await using var database = await _bed.OpenAsync(_bed.Options with { MaxPages = 10 });
            await database.AddNoteAsync(new string('x', 100_000));
        });
        Assert.Equal(StorageFailure.DiskFull, refused.Failure);
    }

    [Fact]
    public async Task It_runs_as_promised()
    {
        await using var database = await _bed.OpenAsync();
        var (journal, synchronous, foreignKeys) = await database.WriteAsync(
            s => (Ask(s, "PRAGMA journal_mode"), Ask(s, "PRAGMA synchronous"), Ask(s, "PRAGMA foreign_keys")), CancellationToken.None);
        Assert.Equal(("wal", "2", "1"), (journal, synchronous, foreignKeys));

        static string? Ask(WriteSession session, string pragma) => session.Connection.List(r => r.GetValue(0).ToString(), pragma)[0];
    }
}
