using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace Twite.Storage;

/// <summary>Several files as of one moment.</summary>
public sealed class SnapshotTests : IAsyncDisposable
{
    private readonly DatabaseBed _bed = new();

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Fact]
    public async Task What_one_file_tells_of_another_is_in_the_copy_of_that_one()
    {
        await using var told = await OpenAsync("told");
        await using var telling = await OpenAsync("telling");
        using var enough = new CancellationTokenSource();
        // The last file is the first to be written to: whoever reads one after the other finds more in the second.
        var writing = Task.Run(async () =>
        {
            for (var i = 0; !enough.IsCancellationRequested; i++)
            {
                await told.AddNoteAsync($"{i}");
                await telling.AddNoteAsync($"{i}");
            }
        });
        var paths = new[] { told.Options.Path, telling.Options.Path };
        var last = 0;
        for (var copied = 0; copied < 50; copied++)
        {
            var directory = Directory.CreateDirectory(System.IO.Path.Combine(_bed.Directory, $"copy{copied}")).FullName;
            using (var snapshot = DatabaseSnapshot.Take(paths, TimeProvider.System, CancellationToken.None))
            {
                snapshot.CopyTo(directory, CancellationToken.None);
            }
            var (first, second) = (Count(System.IO.Path.Combine(directory, "told.db")), Count(System.IO.Path.Combine(directory, "telling.db")));
            Assert.InRange(first - second, 0, 1);
            Assert.True(second >= last);
            last = second;
        }
        await enough.CancelAsync();
        await writing;
        Assert.True(last > 0);
    }

    [Fact]
    public async Task A_copy_is_one_file_as_it_was_when_the_snapshot_was_taken()
    {
        await using var database = await _bed.OpenAsync();
        await database.AddNoteAsync("before");
        using var snapshot = DatabaseSnapshot.Take([_bed.Path], TimeProvider.System, CancellationToken.None);
        await database.AddNoteAsync("after");
        var directory = Directory.CreateDirectory(System.IO.Path.Combine(_bed.Directory, "copy")).FullName;
        snapshot.CopyTo(directory, CancellationToken.None);
        var copy = System.IO.Path.Combine(directory, "notes.db");
        Assert.Equal(1, Count(copy));
        Assert.Equal([copy], Directory.GetFileSystemEntries(directory));
    }

    [Fact]
    public async Task A_file_that_others_keep_locked_is_given_up_after_2_s()
    {
        await (await _bed.OpenAsync()).DisposeAsync();
        await using var other = new SqliteConnection($"Data Source={_bed.Path};Pooling=False");
        await other.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = other.CreateCommand();
        command.CommandText = "BEGIN IMMEDIATE";
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        var taking = Task.Run(() => DatabaseSnapshot.Take([_bed.Path], _bed.Time, CancellationToken.None));
        await _bed.AdvanceUntilAsync(TimeSpan.FromMilliseconds(100), () => taking.IsCompleted);
        var refused = await Assert.ThrowsAsync<StorageException>(() => taking);
        Assert.Equal(StorageFailure.Busy, refused.Failure);
        Assert.Contains(_bed.Path, refused.Message, StringComparison.Ordinal);
    }

    private Task<Database> OpenAsync(string name) => Database.OpenAsync(
        _bed.Options with { Path = System.IO.Path.Combine(_bed.Directory, name + ".db") }, NullLoggerFactory.Instance, TimeProvider.System, CancellationToken.None);

    private static int Count(string path)
    {
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False;Mode=ReadOnly");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM notes";
        return (int)(long)command.ExecuteScalar()!;
    }
}
