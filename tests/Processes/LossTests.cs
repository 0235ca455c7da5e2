using Twite.Faults;
using Twite.Faults.History;
using Twite.Faults.Load;
using Twite.Faults.Network;
using Twite.Lab.Loss;

namespace Twite.Processes;

/// <summary>Loss costs latency, never content: datagrams are lost, doubled and reordered between processes, and each follower's screen shows every post once and in order.</summary>
public sealed class LossTests(Authors authors, ITestOutputHelper output)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Whatever_share_of_datagrams_is_lost_each_screen_shows_every_post_once_and_in_order()
    {
        await using var ways = new BadWays();
        await using var network = new UpNetwork(UpTopology.Of("sockets", frontEnds: 1).Behind("udps", ways.To));
        authors.CopyTo(network.Data);
        network.Start("--Logging:LogLevel:Default=Warning", "--Logging:LogLevel:Twite.Supervision=Information");
        await network.WaitUntilUpAsync();
        await FollowEachOtherAsync(network.Url);
        await using var screens = new Screens([.. authors.Tokens.Values.Select(token => new Screen(network.Url, token))]);
        await screens.WatchingAsync(Patience);
        await using var load = new PostingLoad(network.Url, authors.Tokens, "loss", Pause);

        var (rounds, count, percents) = LongForm.IsRequested ? (5, 200, new[] { 0, 1, 5, 20 }) : (2, 75, [0, 20]);
        // The first posts of a network take longer.
        await AcknowledgedAsync(network, load, 30);
        var phases = new List<Phase>();
        // In turns: what the machine does meanwhile happens to all.
        foreach (var percent in Enumerable.Repeat(percents, rounds).SelectMany(p => p))
        {
            ways.Percent = percent;
            var (from, lost) = (TimeProvider.System.GetTimestamp(), ways.Lost);
            await AcknowledgedAsync(network, load, count);
            phases.Add(new Phase(percent, from, TimeProvider.System.GetTimestamp(), ways.Lost - lost));
        }
        // The way is bad until all have seen everything.
        await load.FinishAsync();
        using var reader = new ApiClient(network.Url, null);
        var final = await reader.ReadAllAsync(CancellationToken.None);
        await screens.ShownAsync(final[0].Id, Patience);

        var verdict = HistoryChecker.Judge(load.History(final, screens.Operations));
        Assert.True(verdict.Judgement == Judgement.Valid, $"{verdict}\n{network.Log}");
        foreach (var same in phases.GroupBy(p => p.Percent))
        {
            Tell([.. same], load, screens);
        }
        Assert.All(phases.Where(p => p.Percent > 0).GroupBy(p => p.Percent), same => Assert.True(same.Sum(p => p.Lost) > 0));
        // Of events as well as of live updates.
        Fate[] bad = [Fate.IsLost, Fate.Doubles, Fate.IsLate];
        output.WriteLine($"on the better way {string.Join(", ", bad.Select(f => $"{f}: {ways.Fewest(f)}"))}");
        Assert.All(bad, fate => Assert.True(ways.Fewest(fate) > 0));
        Assert.Equal(0, await network.StopAsync());
    }

    private async Task FollowEachOtherAsync(string url)
    {
        foreach (var (follower, token) in authors.Tokens)
        {
            using var api = new ApiClient(url, token);
            foreach (var author in authors.Tokens.Keys.Where(a => a != follower))
            {
                await api.FollowAsync(author);
            }
        }
    }

    private static async Task AcknowledgedAsync(UpNetwork network, PostingLoad load, int count)
    {
        var enough = load.Acknowledged + count;
        await Waiting.UntilAsync(() => load.Acknowledged >= enough, () => $"{count} posts are acknowledged\n{network.Log}");
    }

    private void Tell(IReadOnlyList<Phase> phases, PostingLoad load, Screens screens)
    {
        var latencies = screens.ShownAt.Where(s => phases.Any(p => p.Includes(load.Begun[s.Message.Text])))
            .Select(s => TimeProvider.System.GetElapsedTime(load.Begun[s.Message.Text], s.At).TotalMilliseconds).Order().ToList();
        double Percentile(int percent) => latencies[(latencies.Count - 1) * percent / 100];
        output.WriteLine(
            $"{phases[0].Percent} % lost ({phases.Sum(p => p.Lost):N0} datagrams): {latencies.Count:N0} posts on screens, after {Percentile(50):N1} ms (p50), {Percentile(90):N1} ms (p90), {Percentile(99):N1} ms (p99), {latencies[^1]:N1} ms at most");
    }

    /// <summary>Some time with one share of loss.</summary>
    private sealed record Phase(int Percent, long From, long Until, int Lost)
    {
        public bool Includes(long moment) => moment >= From && moment < Until;
    }
}
