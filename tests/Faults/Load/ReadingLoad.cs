using Twite.Faults.History;
using Twite.Faults.Network;

namespace Twite.Faults.Load;

/// <summary>Somebody who follows everybody's messages by a cursor and looks at their own home in between, one request after the other. What fails is
/// asked for once more.</summary>
internal sealed class ReadingLoad : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly ApiClient _client;
    private readonly Task _loop;
    private readonly List<SeenMessage> _seen = [];
    private readonly List<string> _failures = [];

    /// <summary>Begins to read.</summary>
    public ReadingLoad(string url, string token)
    {
        _client = new ApiClient(url, token);
        _loop = Task.Run(ReadAsync);
    }

    /// <summary>What failed twice in a row.</summary>
    public IReadOnlyList<string> Failures => _failures;

    /// <summary>Reads to the end.</summary>
    /// <returns>What the cursor came by, in its order.</returns>
    public async Task<IReadOnlyList<SeenMessage>> FinishAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        while (await ReadPageAsync())
        {
            // The rest.
        }
        return _seen;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        _client.Dispose();
        _stop.Dispose();
    }

    private async Task ReadAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            await ReadPageAsync();
            await TwiceAsync(() => _client.ReadHomeAsync(CancellationToken.None));
        }
    }

    private async Task<bool> ReadPageAsync()
    {
        var page = await TwiceAsync(() => _client.ReadAfterAsync(_seen.Count == 0 ? 1 : _seen[^1].Id, CancellationToken.None));
        _seen.AddRange(page.Reverse());
        return page.Count > 0;
    }

    private async Task<IReadOnlyList<SeenMessage>> TwiceAsync(Func<Task<IReadOnlyList<SeenMessage>>> read)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await read();
            }
            catch (Exception error) when (error is HttpRequestException or TaskCanceledException)
            {
                if (attempt == 2)
                {
                    _failures.Add(error.Message);
                    return [];
                }
            }
        }
    }
}
