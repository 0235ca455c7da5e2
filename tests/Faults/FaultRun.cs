using Twite.Faults.History;
using Twite.Faults.Load;
using Twite.Faults.Network;

namespace Twite.Faults;

/// <summary>A network with some authors in a directory of its own, under load and under watch, from the first post to the judgement.</summary>
internal sealed class FaultRun : IAsyncDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("twite-faults-");
    private PostingLoad? _load;
    private Screen? _screen;
    private IReadOnlyDictionary<string, string> _tokens = new Dictionary<string, string>();

    private readonly string? _database;

    private FaultRun(string? database) => (_database, Server) = (database, new TwiteServer(DataDirectory, database));

    /// <summary>The network.</summary>
    public TwiteServer Server { get; }

    /// <summary>The load, once it has begun.</summary>
    public PostingLoad Load => _load ?? throw new InvalidOperationException("The load has not begun.");

    /// <summary>Who watches.</summary>
    public Screen Screen => _screen ?? throw new InvalidOperationException("The load has not begun.");

    private string DataDirectory => Path.Combine(_directory.FullName, "data");

    /// <summary>A network without anybody; nothing runs yet.</summary>
    /// <param name="database">The connection string of its PostgreSQL; null for files.</param>
    public static FaultRun CreateEmpty(string? database = null) => new(database);

    /// <summary>A network with some authors; nothing runs yet.</summary>
    public static FaultRun Create(Authors authors)
    {
        var run = new FaultRun(null) { _tokens = authors.Tokens };
        authors.CopyTo(run.DataDirectory);
        return run;
    }

    /// <summary>Makes some authors in an empty network.</summary>
    public async Task AddAuthorsAsync(int count = Authors.Most) => _tokens = await Authors.AddAsync(DataDirectory, _database, count);

    /// <summary>Begins to watch, then to post.</summary>
    public async Task BeginLoadAsync()
    {
        _screen = new Screen(Server.Url);
        await _screen.Watching.WaitAsync(Timeout);
        _load = new PostingLoad(Server.Url, _tokens, "run");
    }

    /// <summary>Waits for some more acknowledged posts.</summary>
    /// <returns>How long the first of them took.</returns>
    public async Task<TimeSpan> WaitForPostsAsync(int count)
    {
        var started = TimeProvider.System.GetTimestamp();
        var before = Load.Acknowledged;
        await UntilAsync(() => Load.Acknowledged > before, "a post was acknowledged");
        var first = TimeProvider.System.GetElapsedTime(started);
        await UntilAsync(() => Load.Acknowledged >= before + count, $"{count} posts were acknowledged");
        return first;
    }

    /// <summary>Ends the load with the network up, reads everything, waits for the screen to catch up, stops the network, and judges.</summary>
    public async Task<Verdict> JudgeAsync()
    {
        await Load.FinishAsync();
        using var reader = new ApiClient(Server.Url, null);
        var final = await reader.ReadAllAsync(CancellationToken.None);
        // Late is allowed, never is not: the checker says what is missing.
        await UntilAsync(() => final.Count == 0 || Screen.Shown.Any(m => m.Id == final[0].Id), "the screen showed the newest post", mayFail: true);
        Assert.Equal(0, await Server.StopAsync());
        return HistoryChecker.Judge(Load.History(final, [new ScreenOperation(Screen.Shown, Complete: true)]));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_screen is not null)
        {
            await _screen.DisposeAsync();
        }
        await Server.DisposeAsync();
        if (_load is not null)
        {
            await _load.DisposeAsync();
        }
        _directory.Delete(recursive: true);
    }

    private async Task UntilAsync(Func<bool> condition, string what, bool mayFail = false)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            if (TimeProvider.System.GetElapsedTime(started) > Timeout)
            {
                Assert.True(mayFail, $"After {Timeout.TotalSeconds} s it was still not so that {what}.\n{Server.Errors}");
                return;
            }
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System);
        }
    }
}
