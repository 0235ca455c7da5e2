using Twite.Faults.History;
using Twite.Faults.Network;
using Twite.Processes;

namespace Twite.Faults.Load;

/// <summary>People at several front ends of one network: each posts at one of them and has their home open at the next, and at each front end somebody
/// watches and somebody reads what all say.</summary>
internal sealed class Crowd : IAsyncDisposable
{
    private readonly IReadOnlyList<string> _urls;
    private readonly IReadOnlyDictionary<string, string> _tokens;
    private readonly List<PostingLoad> _posting = [];
    private readonly List<ReadingLoad> _reading = [];
    private readonly List<Screen> _publics = [];
    private readonly Dictionary<string, Screen> _homes = new(StringComparer.Ordinal);

    /// <param name="urls">The front ends.</param>
    /// <param name="tokens">Names and tokens; each follows the one after, the last the first.</param>
    public Crowd(IReadOnlyList<string> urls, IReadOnlyDictionary<string, string> tokens) => (_urls, _tokens) = (urls, tokens);

    private IReadOnlyList<string> Names => [.. _tokens.Keys];

    private int Acknowledged => _posting.Sum(p => p.Acknowledged);

    /// <summary>Begins to watch, then to post and read.</summary>
    public async Task BeginAsync()
    {
        _publics.AddRange(_urls.Select(url => new Screen(url)));
        foreach (var (name, i) in Names.Select((n, i) => (n, i)))
        {
            _homes.Add(name, new Screen(_urls[(i + 1) % _urls.Count], _tokens[name]));
        }
        await Task.WhenAll(_publics.Concat(_homes.Values).Select(s => s.Watching)).WaitAsync(TimeSpan.FromMinutes(1));
        for (var i = 0; i < _urls.Count; i++)
        {
            _posting.Add(new PostingLoad(_urls[i], _tokens.Where((_, n) => n % _urls.Count == i).ToDictionary(), $"run{i}"));
            _reading.Add(new ReadingLoad(_urls[i], _tokens[Names[i]]));
        }
    }

    /// <summary>Waits for some more acknowledged posts.</summary>
    public async Task WaitForPostsAsync(int count)
    {
        var before = Acknowledged;
        await Waiting.UntilAsync(() => Acknowledged >= before + count, () => $"{count} posts were acknowledged");
    }

    /// <summary>Ends the load, waits for the screens to catch up, and judges.</summary>
    public async Task<Verdict> JudgeAsync()
    {
        await Task.WhenAll(_posting.Select(p => p.FinishAsync()));
        using var reader = new ApiClient(_urls[0], null);
        var final = await reader.ReadAllAsync(CancellationToken.None);
        var cursors = await Task.WhenAll(_reading.Select(r => r.FinishAsync()));
        Assert.Empty(_reading.SelectMany(r => r.Failures));
        await Waiting.UntilAsync(() => _publics.All(s => Has(s, final)), () => "the screens show the newest post");
        await Waiting.UntilAsync(() => Names.All(n => Has(_homes[n], OnHomeOf(n, final))), () => "the homes show the newest post");
        // A cursor is judged as a screen is: all, once, in order.
        var history = _posting.Select(p => p.History(final, [])).Aggregate((a, b) => a with { Posts = [.. a.Posts, .. b.Posts], Reads = [.. a.Reads, .. b.Reads] });
        var judged = HistoryChecker.Judge(history with
        {
            Screens = [.. _publics.Select(s => s.Shown).Concat(cursors).Select(shown => new ScreenOperation(shown, Complete: true))],
        });
        var homes = Names.SelectMany(n => ScreenChecker.Judge(
            new ScreenOperation(_homes[n].Shown, Complete: true), history.Final! with { Messages = OnHomeOf(n, final) })).ToList();
        return homes.Count == 0 ? judged : new Verdict(Judgement.Invalid, [.. judged.Violations, .. homes]);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var part in _posting.Cast<IAsyncDisposable>().Concat(_reading).Concat(_publics).Concat(_homes.Values))
        {
            await part.DisposeAsync();
        }
    }

    private static bool Has(Screen screen, IReadOnlyList<SeenMessage> newestFirst) =>
        newestFirst.Count == 0 || screen.Shown.Any(m => m.Id == newestFirst[0].Id);

    private IReadOnlyList<SeenMessage> OnHomeOf(string name, IReadOnlyList<SeenMessage> all)
    {
        var followed = Names[(Names.ToList().IndexOf(name) + 1) % Names.Count];
        return [.. all.Where(m => m.Author == name || m.Author == followed)];
    }
}
