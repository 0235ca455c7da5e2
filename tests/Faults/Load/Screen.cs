using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Text.Json;
using Twite.Faults.History;
using Twite.Faults.Network;

namespace Twite.Faults.Load;

/// <summary>Somebody who watches a stream through every fault, reconnecting with <c>Last-Event-ID</c> as a browser does.</summary>
internal sealed class Screen : IAsyncDisposable
{
    private static readonly TimeSpan ReconnectDelay = TimeSpan.FromMilliseconds(100);

    private readonly HttpClient _http = new() { Timeout = Timeout.InfiniteTimeSpan };
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _watching = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<(SeenMessage Message, long At)> _shown = [];
    private readonly string _url;
    private readonly Task _loop;
    private string _lastId = "";

    /// <param name="url">Where the network is.</param>
    /// <param name="token">Whose home timeline is watched; null for everybody's messages.</param>
    public Screen(string url, string? token = null)
    {
        _url = url + "/api/v1/streaming/" + (token is null ? "public" : "user");
        if (token is not null)
        {
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }
        _loop = Task.Run(WatchAsync);
    }

    /// <summary>How often it had to connect.</summary>
    public int Connections { get; private set; }

    /// <summary>When the stream is open for the first time.</summary>
    public Task Watching => _watching.Task;

    /// <summary>What was shown so far.</summary>
    public IReadOnlyList<SeenMessage> Shown => [.. ShownAt.Select(s => s.Message)];

    /// <summary>What was shown so far, and when: a timestamp of the system's clock.</summary>
    public IReadOnlyList<(SeenMessage Message, long At)> ShownAt
    {
        get
        {
            lock (_shown)
            {
                return [.. _shown];
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        _http.Dispose();
        _stop.Dispose();
    }

    private async Task WatchAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await WatchOnceAsync();
            }
            catch (Exception error) when (Exchange.IsBroken(error))
            {
                // The network is down, or this screen is switched off.
            }
            await Task.Delay(ReconnectDelay, TimeProvider.System, _stop.Token).ContinueWith(
                _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    private async Task WatchOnceAsync()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, _url);
        if (_lastId.Length > 0)
        {
            request.Headers.TryAddWithoutValidation("Last-Event-ID", _lastId);
        }
        using var reply = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, _stop.Token);
        reply.EnsureSuccessStatusCode();
        Connections++;
        await using var body = await reply.Content.ReadAsStreamAsync(_stop.Token);
        var parser = SseParser.Create(body);
        try
        {
            var events = parser.EnumerateAsync(_stop.Token).GetAsyncEnumerator(_stop.Token);
            await using (events)
            {
                _watching.TrySetResult();
                while (await events.MoveNextAsync())
                {
                    Show(events.Current);
                }
            }
        }
        finally
        {
            _lastId = parser.LastEventId.Length > 0 ? parser.LastEventId : _lastId;
        }
    }

    private void Show(SseItem<string> item)
    {
        if (item.EventType != "update")
        {
            return;
        }
        var now = TimeProvider.System.GetTimestamp();
        using var status = JsonDocument.Parse(item.Data);
        lock (_shown)
        {
            _shown.Add((ApiClient.Read(status.RootElement), now));
        }
    }
}
