using Twite.Lab.Event;
using Twite.Lab.Load;
using Twite.Lab.Processes;

namespace Twite.Lab.Screen;

/// <summary>The people in front of a network: authors who post, and followers whose screens are watched. One run at a time.</summary>
internal sealed class Screens : IAsyncDisposable
{
    private const int TextLength = 141;
    private static readonly string Filler = string.Concat(Enumerable.Repeat(" A finch sings.", 10));
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(5);

    private readonly CancellationTokenSource _stop = new();
    private readonly Api _api;
    private readonly IReadOnlyList<Person> _authors;
    private readonly TimeProvider _time;
    private readonly int _count;
    private readonly double _nanosecondsPerTick;
    private Task _watching = Task.CompletedTask;
    private volatile Run? _run;

    private Screens(OpenScreens order, TimeProvider time)
    {
        (_api, _authors, _time, _count) = (new Api(new Uri(order.Url)), order.Authors, time, order.Followers.Count);
        _nanosecondsPerTick = 1e9 / time.TimestampFrequency;
    }

    /// <summary>Makes every follower follow every author, and opens the followers' live streams.</summary>
    public static async Task<Screens> OpenAsync(OpenScreens order, TimeProvider time, CancellationToken cancellationToken)
    {
        var screens = new Screens(order, time);
        try
        {
            foreach (var follower in order.Followers)
            {
                foreach (var author in order.Authors)
                {
                    await screens._api.FollowAsync(follower, author, cancellationToken);
                }
            }
            var began = order.Followers.Select(_ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).ToList();
            screens._watching = Task.WhenAll(order.Followers.Select((follower, screen) => Task.Run(
                () => screens.WatchAsync(screen, follower, began[screen].SetResult), CancellationToken.None)));
            // A stream that cannot be opened ends at once.
            await Task.WhenAny(Task.WhenAll(began.Select(b => b.Task)), screens._watching).WaitAsync(cancellationToken);
            return screens._watching.IsCompleted ? throw new WorkerException("A live stream could not be opened.") : screens;
        }
        catch
        {
            await screens.DisposeAsync();
            throw;
        }
    }

    /// <summary>Posts at a rate, author after author, and waits a while until every screen has shown what was acknowledged.</summary>
    public async Task<ScreensShowed> PostAsync(PostToScreens order, Func<TimeSpan> cpu)
    {
        var history = new ScreenHistory(_count);
        _run = new Run(order.Run, history);
        var before = cpu();
        var loop = new OpenLoop(_time, new SleepingPacer(_time), TimeSpan.FromMilliseconds(order.LateMilliseconds));
        var result = await loop.RunAsync((number, from) => PostAsync(order.Run, number, from, history), order.Rate, TimeSpan.FromSeconds(order.Seconds));
        var ended = _time.GetTimestamp();
        while (!history.IsComplete && _time.GetElapsedTime(ended) < Patience)
        {
            await Task.Delay(Glance, _time);
        }
        var verdict = history.Judge();
        return new ScreensShowed(
            verdict.Posts, result.Failures, result.FirstFailure, result.Elapsed.TotalSeconds, result.Late, verdict.Expected, verdict.Lost, verdict.Doubles,
            verdict.Inversions, (cpu() - before).TotalMicroseconds, history.Latencies.Encode());
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _watching;
        _api.Dispose();
        _stop.Dispose();
    }

    private async ValueTask<bool> PostAsync(int run, long number, long from, ScreenHistory history)
    {
        var id = new EventId(run, number, from).ToString();
        await _api.PostAsync(_authors[(int)(number % _authors.Count)], (id + Filler)[..TextLength], id, _stop.Token);
        history.Acknowledge(number);
        return true;
    }

    private async Task WatchAsync(int screen, Person follower, Action began)
    {
        try
        {
            await foreach (var status in _api.WatchAsync(follower, began, _stop.Token))
            {
                var now = _time.GetTimestamp();
                var end = status.Text.IndexOf(' ');
                if (EventId.Parse(status.Text.AsSpan(0, Math.Max(end, 0))) is { } id && _run is { } run && run.Number == id.Run)
                {
                    run.History.Show(screen, status.Author, id.Number, status.Id, (long)((now - id.From) * _nanosecondsPerTick));
                }
            }
        }
        catch (Exception error) when (error is HttpRequestException or IOException or OperationCanceledException)
        {
            // The network has ended, or the comparison. What a stream that broke did not show counts as lost.
        }
    }

    private sealed record Run(int Number, ScreenHistory History);
}
