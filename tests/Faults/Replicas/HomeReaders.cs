using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using Twite.Faults.Network;

namespace Twite.Faults.Replicas;

/// <summary>People who read their home timelines, at one front end after the other, and who try once more at the next when that fails, as a proxy would
/// have them. What fails then as well is an error that they see.</summary>
internal sealed class HomeReaders
{
    private readonly ConcurrentQueue<string> _errors = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly IReadOnlyList<string> _urls;
    private readonly List<Task> _readers;

    public HomeReaders(IReadOnlyList<string> urls, IEnumerable<string> tokens)
    {
        _urls = urls;
        _readers = [.. tokens.Select(token => Task.Run(() => ReadAsync(token)))];
    }

    /// <summary>What failed twice.</summary>
    public IReadOnlyCollection<string> Errors => _errors;

    public async Task FinishAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_readers);
    }

    private async Task ReadAsync(string token)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(10), DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
        for (var number = 0; !_stop.IsCancellationRequested; number++)
        {
            if (await TryAsync(http, _urls[number % _urls.Count]) is { } first && await TryAsync(http, _urls[(number + 1) % _urls.Count]) is { } second)
            {
                _errors.Enqueue($"{first}; {second}");
            }
        }
    }

    /// <returns>What failed; null when nothing did.</returns>
    private static async Task<string?> TryAsync(HttpClient http, string url)
    {
        try
        {
            using var reply = await http.GetAsync(url + "/api/v1/timelines/home");
            return reply.StatusCode == HttpStatusCode.OK ? null : $"{(int)reply.StatusCode} {await reply.Content.ReadAsStringAsync()}";
        }
        catch (Exception error) when (Exchange.IsBroken(error))
        {
            return error.Message;
        }
    }
}
