using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using Twite.Faults.Network;

namespace Twite.Processes;

/// <summary>People who read and post, and who try once more when something fails: at the other front end at once when theirs is away, as a proxy would
/// have them; in a few seconds when the page asks for that, which are more on a machine where a start takes longer. What fails then as well is an error
/// that they see.</summary>
internal sealed class PatientLoad
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);

    private readonly ConcurrentBag<string> _errors = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _people;
    private int _done;
    private int _retried;
    private int _waiting;
    private volatile bool _isRestarting;

    /// <summary>Begins.</summary>
    /// <param name="urls">Where the front ends are.</param>
    /// <param name="tokens">A person each.</param>
    public PatientLoad(IReadOnlyList<string> urls, IEnumerable<string> tokens) => _people =
    [
        .. tokens.Select((token, number) => Task.Run(() => LiveAsync(urls[number % urls.Count], urls[(number + 1) % urls.Count], token, number))),
    ];

    /// <summary>What went well so far.</summary>
    public int Done => Volatile.Read(ref _done);

    /// <summary>What went well at the second try only.</summary>
    public int Retried => Volatile.Read(ref _retried);

    /// <summary>Whether something is being restarted just now.</summary>
    public bool IsRestarting { set => _isRestarting = value; }

    /// <summary>How many wait before they try once more.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>What failed twice.</summary>
    public IReadOnlyCollection<string> Errors => _errors;

    public async Task FinishAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_people);
    }

    private async Task LiveAsync(string url, string otherUrl, string token, int person)
    {
        using var http = Client(url, token);
        using var other = Client(otherUrl, token);
        for (var number = 1; !_stop.IsCancellationRequested; number++)
        {
            var (text, isPost) = ($"patient {person} {number}", number % 3 == 0);
            if (await TryAsync(http, text, isPost) is { } first)
            {
                if (!first.IsAway)
                {
                    Interlocked.Increment(ref _waiting);
                    await Task.Delay(RetryAfter, TimeProvider.System);
                    await Processes.Waiting.UntilAsync(() => !_isRestarting, () => "the restart is over");
                    Interlocked.Decrement(ref _waiting);
                }
                if (await TryAsync(other, text, isPost) is { } second)
                {
                    _errors.Add($"{(isPost ? "post" : "read")} {number}: {first.What}; {second.What}");
                    continue;
                }
                Interlocked.Increment(ref _retried);
            }
            Interlocked.Increment(ref _done);
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }
    }

    private static HttpClient Client(string url, string token) => new()
    {
        BaseAddress = new Uri(url),
        Timeout = TimeSpan.FromSeconds(10),
        DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", token) },
    };

    /// <returns>What failed; null when nothing did.</returns>
    private static async Task<Failed?> TryAsync(HttpClient http, string text, bool isPost)
    {
        using var request = isPost
            ? new HttpRequestMessage(HttpMethod.Post, "/api/v1/statuses") { Content = new FormUrlEncodedContent([new("status", text)]), Headers = { { "Idempotency-Key", text } } }
            : new HttpRequestMessage(HttpMethod.Get, "/api/v1/timelines/home");
        try
        {
            using var reply = await http.SendAsync(request);
            return reply.StatusCode == HttpStatusCode.OK ? null : new Failed($"{(int)reply.StatusCode} {await reply.Content.ReadAsStringAsync()}", IsAway: false);
        }
        catch (Exception error) when (Exchange.IsBroken(error))
        {
            return new Failed(error.Message, IsAway: true);
        }
    }

    private sealed record Failed(string What, bool IsAway);
}
