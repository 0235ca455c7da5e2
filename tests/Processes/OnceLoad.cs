using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using Twite.Faults.Network;

namespace Twite.Processes;

/// <summary>People who post and never try again: whoever got no answer must not find the post stored later. Runs until it is finished.</summary>
internal sealed class OnceLoad
{
    private const int PostersPerToken = 2;

    private readonly ConcurrentDictionary<string, string> _unanswered = new(StringComparer.Ordinal);
    private readonly ConcurrentBag<string> _errors = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _posters;
    private int _answered;

    public OnceLoad(string url, IEnumerable<string> tokens) => _posters =
    [
        .. tokens.SelectMany((token, number) => Enumerable.Range(0, PostersPerToken).Select(poster => Task.Run(() => PostAsync(url, token, $"once {number}-{poster}")))),
    ];

    /// <summary>Posts that were answered with success.</summary>
    public int Answered => Volatile.Read(ref _answered);

    /// <summary>Posts that got no answer at all, with how they failed.</summary>
    public IReadOnlyDictionary<string, string> Unanswered => _unanswered;

    /// <summary>Answers that were errors.</summary>
    public IReadOnlyCollection<string> Errors => _errors;

    public async Task FinishAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_posters);
    }

    private async Task PostAsync(string url, string token, string name)
    {
        // A connection for each: one that is kept would be closed between two posts, and the client could not tell why.
        using var http = new HttpClient { BaseAddress = new Uri(url), Timeout = TimeSpan.FromSeconds(30), DefaultRequestHeaders = { ConnectionClose = true } };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        for (var number = 1; !_stop.IsCancellationRequested; number++)
        {
            var text = $"{name} {number}";
            try
            {
                using var reply = await http.PostAsync("/api/v1/statuses", new FormUrlEncodedContent([new("status", text)]));
                if (reply.StatusCode == HttpStatusCode.OK)
                {
                    Interlocked.Increment(ref _answered);
                }
                else
                {
                    _errors.Add($"{text}: {(int)reply.StatusCode} {await reply.Content.ReadAsStringAsync()}");
                }
            }
            catch (Exception error) when (Exchange.IsBroken(error))
            {
                _unanswered[text] = error.Message;
                await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
            }
        }
    }
}
