using System.Collections.Concurrent;
using Twite.Faults.History;
using Twite.Faults.Network;

namespace Twite.Faults.Load;

/// <summary>Several authors who post one message after the other, each with a key of its own that every retry repeats, and now and then look
/// whether it is there. Everything is recorded.</summary>
internal sealed class PostingLoad : IAsyncDisposable
{
    private const int ReadEvery = 7;
    private const int RepeatEvery = 11;
    private const int MentionEvery = 3;
    private static readonly TimeSpan GiveUp = TimeSpan.FromSeconds(60);

    private readonly ConcurrentQueue<PostOperation> _posts = new();
    private readonly ConcurrentQueue<ReadOperation> _reads = new();
    private readonly ConcurrentDictionary<string, long> _begun = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _authors;
    private readonly List<ApiClient> _clients = [];
    private readonly TimeSpan _pause;
    private long _clock;
    private int _acknowledged;
    private int _open;

    /// <summary>Begins to post.</summary>
    /// <param name="url">Where the network is.</param>
    /// <param name="tokens">Each author's name and token.</param>
    /// <param name="run">Tells this load's texts from those of others on the same network.</param>
    /// <param name="pause">What each author waits between two posts, for a load that the network bears with ease.</param>
    public PostingLoad(string url, IReadOnlyDictionary<string, string> tokens, string run, TimeSpan pause = default)
    {
        _pause = pause;
        _authors = [.. tokens.Select(t =>
        {
            var client = new ApiClient(url, t.Value);
            _clients.Add(client);
            return Task.Run(() => PostAsync(t.Key, client, run));
        })];
    }

    /// <summary>Posts acknowledged so far.</summary>
    public int Acknowledged => Volatile.Read(ref _acknowledged);

    /// <summary>Posts under way now.</summary>
    public int Open => Volatile.Read(ref _open);

    /// <summary>When each post was first asked for, by its text: timestamps of the system's clock.</summary>
    public IReadOnlyDictionary<string, long> Begun => _begun;

    /// <summary>Lets each author finish the post that is under way.</summary>
    public async Task FinishAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_authors);
    }

    /// <summary>What was recorded; complete once it has finished.</summary>
    public RecordedHistory History(IReadOnlyList<SeenMessage> final, IReadOnlyList<ScreenOperation> screens) =>
        new([.. _posts], [.. _reads], new ReadOperation(null, Tick(), final, 0), screens);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await FinishAsync();
        _clients.ForEach(c => c.Dispose());
        _stop.Dispose();
    }

    private async Task PostAsync(string author, ApiClient client, string run)
    {
        string? accountId = null;
        for (var number = 1; !_stop.IsCancellationRequested; number++)
        {
            var invoked = Tick();
            Interlocked.Increment(ref _open);
            // A mention makes Notifications write too.
            var text = $"{run} {author} {number}{(number % MentionEvery == 0 ? " @ada" : "")}";
            _begun[text] = TimeProvider.System.GetTimestamp();
            var (outcome, ids, tries) = await TryAsync(client, text, $"{run}-{author}-{number}", twice: number % RepeatEvery == 0);
            Interlocked.Decrement(ref _open);
            _posts.Enqueue(new PostOperation(author, $"{run}-{author}-{number}", text, invoked, Tick(), outcome, ids, tries));
            if (outcome == Outcome.Acknowledged)
            {
                Interlocked.Increment(ref _acknowledged);
            }
            if (number % ReadEvery == 0)
            {
                accountId ??= await FindAccountIdAsync(client);
                await ReadOwnAsync(author, accountId, client);
            }
            if (_pause > TimeSpan.Zero)
            {
                await Task.Delay(_pause, TimeProvider.System);
            }
        }
    }

    // A client that lost the answer asks again although it was stored: so does every eleventh post here.
    private static async Task<(Outcome, IReadOnlyList<long>, int)> TryAsync(ApiClient client, string text, string key, bool twice)
    {
        var started = TimeProvider.System.GetTimestamp();
        var ids = new List<long>();
        for (var tries = 1; ; tries++)
        {
            var reply = await client.PostAsync(text, key, CancellationToken.None);
            if (reply.Outcome == Outcome.Acknowledged)
            {
                ids.Add(reply.Id);
                if (!twice || ids.Count > 1)
                {
                    return (Outcome.Acknowledged, ids, tries);
                }
                continue;
            }
            if (reply.Outcome == Outcome.Refused || TimeProvider.System.GetElapsedTime(started) > GiveUp)
            {
                return (ids.Count > 0 ? Outcome.Acknowledged : reply.Outcome, ids, tries);
            }
            await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(10, 60)), TimeProvider.System);
        }
    }

    private async Task ReadOwnAsync(string author, string? accountId, ApiClient client)
    {
        var invoked = Tick();
        if (accountId is not null && await client.ReadOwnAsync(accountId, CancellationToken.None) is { } messages)
        {
            // A full page says nothing about what is older.
            _reads.Enqueue(new ReadOperation(author, invoked, messages, messages.Count < 40 ? 0 : messages[^1].Id - 1));
        }
    }

    private static async Task<string?> FindAccountIdAsync(ApiClient client)
    {
        try
        {
            return await client.ReadAccountIdAsync(CancellationToken.None);
        }
        catch (Exception error) when (Exchange.IsBroken(error))
        {
            return null;
        }
    }

    private long Tick() => Interlocked.Increment(ref _clock);
}
