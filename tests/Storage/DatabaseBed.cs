using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Twite.Storage;

/// <summary>A database in a directory of its own, and a clock that stands until it is moved.</summary>
public sealed class DatabaseBed : IDisposable
{
    public string Directory { get; } = System.IO.Directory.CreateTempSubdirectory("twite-storage-").FullName;

    public string Path => System.IO.Path.Combine(Directory, "notes.db");

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 11, 1, 12, 0, 0, TimeSpan.Zero));

    public DatabaseOptions Options => new() { Path = Path, Migrations = typeof(DatabaseBed).Assembly };

    public Task<Database> OpenAsync(DatabaseOptions? options = null) =>
        Database.OpenAsync(options ?? Options, NullLoggerFactory.Instance, Time, CancellationToken.None);

    public void Dispose() => System.IO.Directory.Delete(Directory, recursive: true);

    /// <summary>Lets the clock run until something holds.</summary>
    public async Task AdvanceUntilAsync(TimeSpan step, Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!condition())
        {
            Time.Advance(step);
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, patience.Token);
        }
    }

    public static async Task UntilAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!condition())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, patience.Token);
        }
    }
}
