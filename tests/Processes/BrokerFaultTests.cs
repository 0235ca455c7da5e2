using Microsoft.Data.Sqlite;
using Twite.Faults;
using Twite.Faults.History;
using Twite.Faults.Load;
using Twite.Faults.Network;

namespace Twite.Processes;

/// <summary>What happens to a network when its broker goes: nothing acknowledged is lost, nothing is doubled, and it goes on by itself.</summary>
public sealed class BrokerFaultTests(Authors authors, ITestOutputHelper output)
{
    private static readonly TimeSpan Down = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(5);

    [Theory(Skip = LongForm.WhyNot, SkipUnless = nameof(LongForm.IsRequested), SkipType = typeof(LongForm))]
    [InlineData("queue", false)]
    [InlineData("queue", true)]
    [InlineData("nats", false)]
    [InlineData("nats", true)]
    [InlineData("mixed", false)]
    [InlineData("mixed", true)]
    public async Task The_broker_is_killed_stays_away_and_comes_back_with_its_data_or_without(string topology, bool isWiped)
    {
        await using var network = new UpNetwork(topology);
        authors.CopyTo(network.Data);
        network.Start("--Logging:LogLevel:Default=Warning", "--Logging:LogLevel:Twite.Supervision=Information");
        await network.WaitUntilUpAsync();
        await using var screen = new Screen(network.Url);
        await screen.Watching.WaitAsync(TimeSpan.FromSeconds(30));
        await using var load = new PostingLoad(network.Url, authors.Tokens, "broker");
        await Waiting.UntilAsync(() => load.Acknowledged >= 20, () => $"20 posts were acknowledged\n{network.Log}");

        await network.TakeAwayAsync(network.Broker!);
        await Waiting.UntilAsync(() => !UpNetwork.IsRunning(network.ProcessOf(network.Broker!)), () => "the broker is gone");
        var (acknowledged, since) = (load.Acknowledged, TimeProvider.System.GetTimestamp());
        if (isWiped)
        {
            foreach (var data in new[] { "mnesia", "jetstream" }.SelectMany(name => Directory.GetDirectories(network.Data, name, SearchOption.AllDirectories)))
            {
                if (Directory.Exists(data))
                {
                    Directory.Delete(data, recursive: true);
                }
            }
        }
        await Waiting.UntilAsync(() => TimeProvider.System.GetElapsedTime(since) >= Down, () => "the broker was away for that long");
        var meanwhile = load.Acknowledged - acknowledged;
        output.WriteLine($"{meanwhile} posts were acknowledged while the broker was away");
        if (topology == "mixed")
        {
            Assert.True(meanwhile > 100, $"Only {meanwhile} posts were acknowledged without the broker.");
        }

        await network.LetBackAsync(network.Broker!);
        acknowledged = load.Acknowledged;
        var back = await Waiting.UntilAsync(() => load.Acknowledged > acknowledged, () => $"posts are acknowledged again\n{network.Log}");
        output.WriteLine($"the first post after the broker was ready: {back.TotalMilliseconds:N0} ms");
        Assert.True(back < Recovery, $"The first post came {back.TotalSeconds:N1} s after the broker was back.");
        acknowledged = load.Acknowledged;
        await Waiting.UntilAsync(() => load.Acknowledged >= acknowledged + 20, () => $"posts go on\n{network.Log}");

        await load.FinishAsync();
        using var reader = new ApiClient(network.Url, null);
        var final = await reader.ReadAllAsync(CancellationToken.None);
        await Waiting.UntilAsync(() => screen.Shown.Any(m => m.Id == final[0].Id), () => $"the screen showed the newest post\n{network.Log}");
        var drained = await Waiting.UntilAsync(() => Waits(network.Data) == 0, () => $"everybody was told of everything; {Waits(network.Data)} events wait\n{network.Log}");
        output.WriteLine($"all events were handled {drained.TotalSeconds:N1} s after the last post");
        var verdict = HistoryChecker.Judge(load.History(final, [new ScreenOperation(screen.Shown, Complete: true)]));
        Assert.True(verdict.Judgement == Judgement.Valid, verdict.ToString());
        Assert.Equal(0, await network.StopAsync());
    }

    private static long Waits(string data) => new[] { "messages", "accounts", "follows" }.Sum(service =>
    {
        using var database = new SqliteConnection($"Data Source={Path.Combine(data, service + ".db")};Mode=ReadOnly");
        database.Open();
        using var count = database.CreateCommand();
        count.CommandText = "SELECT count(*) FROM outbox";
        return (long)count.ExecuteScalar()!;
    });
}
