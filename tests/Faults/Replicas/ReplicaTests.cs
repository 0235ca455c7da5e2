using Twite.Faults.History;
using Twite.Faults.Load;
using Twite.Faults.Network;
using Twite.Postgres;

namespace Twite.Faults.Replicas;

/// <summary>Three replicas of each service and two front ends under load. One replica of each is killed and comes back. Long form.</summary>
public sealed class ReplicaTests(ITestOutputHelper output) : IAsyncDisposable
{
    private const double Tolerance = 0.10;

    // Each relay hands over what its own replica has stored; of what is too much for one at the moment others take some.
    private const double EventTolerance = 0.25;
    private const int CallsPerService = 600;
    private const string Event = "twite.v1.NotificationsService/OnMessagePosted";
    private static readonly string[] Services = ["twite.v1.AccountsService", "twite.v1.MessagesService", "twite.v1.FollowsService", "twite.v1.NotificationsService"];
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("twite-replicas-");

    public ValueTask DisposeAsync()
    {
        _directory.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    [Theory, InlineData("grpc"), InlineData("http"), InlineData("tcp"), InlineData("sockets")]
    public async Task Replicas_share_the_work_and_each_message_reaches_each_screen_once_also_when_one_dies(string topology)
    {
        LongForm.RequireIf(isLong: true);
        await using var server = await PostgresCluster.StartAsync(durable: false);
        var database = server.ConnectionStringOf("postgres");
        var tokens = await Authors.AddAsync(Path.Combine(_directory.FullName, "data"), database);
        await using var network = await ReplicatedNetwork.StartAsync(_directory.FullName, topology, database);
        foreach (var name in tokens.Keys.Where(n => n != "ada"))
        {
            using var ada = new ApiClient(network.Urls[0], tokens["ada"]);
            await ada.FollowAsync(name);
        }
        // Everybody's messages at each front end, and those on the home page of somebody who follows all.
        await using var screens = new Screens([.. network.Urls.SelectMany(url => new[] { new Screen(url), new Screen(url, tokens["ada"]) })]);
        await screens.WatchingAsync(Patience);
        await using var one = new PostingLoad(network.Urls[0], tokens.Take(3).ToDictionary(), "one");
        await using var two = new PostingLoad(network.Urls[1], tokens.Skip(3).ToDictionary(), "two");
        var readers = new HomeReaders(network.Urls, tokens.Values);

        await SharedAsync(network, "three replicas");
        await network.KillAsync(1);
        await SharedAsync(network, "one of them killed");
        await network.StartAgainAsync(1);
        await SharedAsync(network, "and back");

        await Task.WhenAll(readers.FinishAsync(), one.FinishAsync(), two.FinishAsync());
        Assert.True(readers.Errors.Count == 0, $"Somebody saw an error:\n{string.Join('\n', readers.Errors)}\n{network.Log}");
        await JudgeAsync(network, one, two, screens);
    }

    // Each service's calls, and the events that each relay hands over: counted from when all that run are in the round.
    private async Task SharedAsync(ReplicatedNetwork network, string when)
    {
        var first = await CountAsync(network, handled => Services.All(s => handled.All(c => c.OfService(s) > 0)));
        var last = await CountAsync(network, handled => Services.All(s => Between(first.Handled, handled).Sum(c => c.OfService(s)) >= CallsPerService));
        var handled = Between(first.Handled, last.Handled);
        foreach (var service in Services)
        {
            RequireEven($"{when}: calls of {service}", handled.Select(c => c.OfService(service)));
        }
        foreach (var method in handled[0].Methods.Where(m => handled.Sum(c => c.Of(m)) >= CallsPerService))
        {
            RequireEven($"{when}: calls of {method}", handled.Select(c => c.Of(method)));
        }
        RequireEven($"{when}: events handed over", Between(first.Made, last.Made).Select(c => c.Of(Event)), EventTolerance);
    }

    private void RequireEven(string what, IEnumerable<long> counts, double tolerance = Tolerance)
    {
        List<long> all = [.. counts];
        var (share, said) = (all.Average(), $"{what}: {string.Join(", ", all)}");
        output.WriteLine(said);
        Assert.All(all, count => Assert.True(Math.Abs(count - share) <= tolerance * share, said));
    }

    private static async Task<(CallCounts[] Handled, CallCounts[] Made)> CountAsync(ReplicatedNetwork network, Func<CallCounts[], bool> enough)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var handled = await network.HandledAsync();
            if (enough(handled))
            {
                return (handled, await network.MadeAsync());
            }
            Assert.True(TimeProvider.System.GetElapsedTime(started) < Patience, $"The work did not go on:\n{string.Join('\n', handled.Select(c => c.ToString()))}\n{network.Log}");
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        }
    }

    private static IReadOnlyList<CallCounts> Between(CallCounts[] before, CallCounts[] after) => [.. after.Zip(before, (a, b) => a.Since(b))];

    private async Task JudgeAsync(ReplicatedNetwork network, PostingLoad one, PostingLoad two, Screens screens)
    {
        using var reader = new ApiClient(network.Urls[0], null);
        var final = await reader.ReadAllAsync(CancellationToken.None);
        await screens.ShownAsync(final[0].Id, Patience);
        Assert.All(await network.StopAsync(), code => Assert.Equal(0, code));

        var (first, second) = (one.History(final, []), two.History(final, []));
        var verdict = HistoryChecker.Judge(new RecordedHistory(
            [.. first.Posts, .. second.Posts], [.. first.Reads, .. second.Reads], new ReadOperation(null, long.MaxValue, final, 0), screens.Operations));
        output.WriteLine($"{final.Count} messages");
        Assert.True(verdict.Judgement == Judgement.Valid, $"{verdict}\n{network.Log}");
    }
}
