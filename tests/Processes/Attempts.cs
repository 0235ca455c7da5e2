using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using Twite.Faults.History;
using Twite.Faults.Network;

namespace Twite.Processes;

/// <summary>What came of one try to post.</summary>
/// <param name="Text">What was posted.</param>
/// <param name="Status">What it was answered with; null when it got no answer.</param>
/// <param name="Took">How long that took.</param>
internal sealed record Attempt(string Text, HttpStatusCode? Status, TimeSpan Took);

/// <summary>People who go on trying to post whatever happens, each message once. Until it is finished.</summary>
internal sealed class Attempts : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(50);

    private readonly ConcurrentQueue<Attempt> _made = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _people;

    public Attempts(string url, IReadOnlyDictionary<string, string> tokens) =>
        _people = [.. tokens.Select(t => Task.Run(() => TryAsync(url, t.Key, t.Value)))];

    /// <summary>Those that have ended.</summary>
    public IReadOnlyCollection<Attempt> Made => _made;

    /// <summary>Waits for those under way.</summary>
    public async Task FinishAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_people);
    }

    /// <summary>Each was answered in time; what was acknowledged is there once, and what was not at most once.</summary>
    /// <param name="final">All messages that there are.</param>
    /// <param name="inTime">How long an answer may take.</param>
    public void Judge(IReadOnlyList<SeenMessage> final, TimeSpan inTime)
    {
        var times = final.CountBy(m => m.Text).ToDictionary(StringComparer.Ordinal);
        Assert.DoesNotContain(Made, a => a.Status is null || a.Took > inTime);
        Assert.DoesNotContain(Made, a => times.GetValueOrDefault(a.Text) is var count && (a.Status == HttpStatusCode.OK ? count != 1 : count > 1));
    }

    /// <summary>How many ended how, and how long the longest of them took.</summary>
    public override string ToString() => string.Join("; ", Made.GroupBy(a => a.Status).OrderBy(g => g.Key)
        .Select(g => $"{g.Count():N0} x {(g.Key is { } status ? $"{(int)status}" : "no answer")}, at most {g.Max(a => a.Took).TotalSeconds:N1} s"));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await FinishAsync();
        _stop.Dispose();
    }

    private async Task TryAsync(string url, string name, string token)
    {
        using var http = new HttpClient { BaseAddress = new Uri(url), Timeout = Patience, DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
        for (var number = 1; !_stop.IsCancellationRequested; number++)
        {
            var (text, started) = ($"tried {name} {number}", TimeProvider.System.GetTimestamp());
            HttpStatusCode? status = null;
            try
            {
                using var reply = await http.PostAsync("/api/v1/statuses", new FormUrlEncodedContent([new("status", text)]));
                status = reply.StatusCode;
            }
            catch (Exception error) when (Exchange.IsBroken(error))
            {
                // No answer.
            }
            _made.Enqueue(new Attempt(text, status, TimeProvider.System.GetElapsedTime(started)));
            await Task.Delay(Breath, TimeProvider.System);
        }
    }
}
