using Microsoft.Data.Sqlite;
using Twite.Faults;
using Twite.Faults.History;
using Twite.Faults.Load;
using Twite.Faults.Network;
using Twite.Processes.Telemetry;

namespace Twite.Processes;

/// <summary>A network of processes that authors post to while somebody watches, from the first post to the judgement.</summary>
internal sealed class NetworkUnderLoad : IAsyncDisposable
{
    private const string Name = "run";

    private const int Posters = 4;

    private NetworkUnderLoad(UpNetwork network, Screen screen, IEnumerable<KeyValuePair<string, string>> authors)
    {
        var inOrder = authors.OrderBy(a => a.Key, StringComparer.Ordinal).ToList();
        (Network, Screen, Others) = (network, screen, inOrder[Posters..].ToDictionary());
        Load = new PostingLoad(network.Url, inOrder[..Posters].ToDictionary(), Name);
    }

    /// <summary>The processes.</summary>
    public UpNetwork Network { get; }

    /// <summary>Who posts.</summary>
    public PostingLoad Load { get; }

    /// <summary>The authors who are not among those: each has a token.</summary>
    public IReadOnlyDictionary<string, string> Others { get; }

    private Screen Screen { get; }

    /// <summary>Starts a network, and returns when some posts were acknowledged.</summary>
    /// <param name="network">It, not started yet.</param>
    /// <param name="authors">Who posts.</param>
    /// <param name="begin">Done when all are up, before anybody posts.</param>
    public static async Task<NetworkUnderLoad> StartAsync(UpNetwork network, Authors authors, Func<Task>? begin = null)
    {
        authors.CopyTo(network.Data);
        network.Start(
            "--Logging:LogLevel:Default=Warning", "--Logging:LogLevel:Twite.Supervision=Information",
            "--metrics", $"http://127.0.0.1:{PortsInARow.Find(network.Services.Count)}");
        await network.WaitUntilUpAsync();
        var screen = new Screen(network.Url);
        await screen.Watching.WaitAsync(TimeSpan.FromSeconds(30));
        await (begin?.Invoke() ?? Task.CompletedTask);
        var run = new NetworkUnderLoad(network, screen, authors.Tokens);
        await run.WaitForPostsAsync(20);
        return run;
    }

    /// <summary>Waits for some more acknowledged posts.</summary>
    /// <returns>How long the first of them took.</returns>
    public async Task<TimeSpan> WaitForPostsAsync(int count)
    {
        var before = Load.Acknowledged;
        var first = await Waiting.UntilAsync(() => Load.Acknowledged > before, () => $"a post is acknowledged\n{Network.Log}");
        await Waiting.UntilAsync(() => Load.Acknowledged >= before + count, () => $"{count} posts are acknowledged\n{Network.Log}");
        return first;
    }

    /// <summary>Waits until everybody's messages can be read: that takes accounts and follows, which the answer to a post can do without.</summary>
    /// <returns>How long that took.</returns>
    public async Task<TimeSpan> WaitForPageAsync()
    {
        using var reader = new ApiClient(Network.Url, null);
        return await Waiting.UntilAsync(async () => await reader.ReadNewestAsync(CancellationToken.None) is not null, () => $"everybody's messages can be read\n{Network.Log}");
    }

    /// <summary>The sum of what a process counts, now.</summary>
    /// <param name="service">Which one; the network shows metrics.</param>
    /// <param name="metric">What it counts.</param>
    /// <param name="isMeant">Whether a sample is among them.</param>
    public async Task<double> CountAsync(string service, string metric, Func<Sample, bool> isMeant)
    {
        using var http = new HttpClient();
        return PrometheusText.Read(await http.GetStringAsync(Network.MetricsOf(service)), metric).Where(isMeant).Sum(s => s.Value);
    }

    /// <summary>Ends the load, waits until everybody was told of everything, judges, and stops the network.</summary>
    /// <param name="last">Done with all messages that there are when all was well, before the network stops.</param>
    /// <returns>How long after the last post all events were handled.</returns>
    public async Task<TimeSpan> JudgeAsync(Func<IReadOnlyList<SeenMessage>, Task>? last = null)
    {
        await Load.FinishAsync();
        using var reader = new ApiClient(Network.Url, null);
        var final = await reader.ReadAllAsync(CancellationToken.None);
        var drained = await Waiting.UntilAsync(
            () => EventsLeft() == 0, () => $"everybody was told of everything; {EventsLeft()} events wait\n{Network.Log}");
        await Waiting.UntilAsync(() => Screen.Shown.Any(m => m.Id == final[0].Id), () => $"the screen showed the newest post\n{Network.Log}");
        // Others may have posted as well.
        var verdict = HistoryChecker.Judge(Load.History([.. final.Where(IsOfTheLoad)], [new ScreenOperation([.. Screen.Shown.Where(IsOfTheLoad)], Complete: true)]));
        Assert.True(verdict.Judgement == Judgement.Valid, verdict.ToString());
        Assert.Equal(final.Where(m => m.Author != "ada" && m.Text.Contains("@ada", StringComparison.Ordinal)).Select(m => m.Id).Order(), Mentions());
        await (last?.Invoke(final) ?? Task.CompletedTask);
        Assert.Equal(0, await Network.StopAsync());
        return drained;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Load.DisposeAsync();
        await Screen.DisposeAsync();
    }

    private static bool IsOfTheLoad(SeenMessage message) => message.Text.StartsWith(Name + " ", StringComparison.Ordinal);

    /// <summary>Events of which it is not certain that they were handled.</summary>
    private long EventsLeft() => new[] { "messages", "accounts", "follows" }.Sum(service => Read(service, "SELECT count(*) FROM outbox").Single());

    // Each as often as it is on a list.
    private IEnumerable<long> Mentions() => Read("notifications", "SELECT message_id FROM notifications WHERE type = 1 ORDER BY message_id");

    private List<long> Read(string service, string query)
    {
        using var database = new SqliteConnection($"Data Source={Path.Combine(Network.Data, service + ".db")};Mode=ReadOnly");
        database.Open();
        using var command = database.CreateCommand();
        command.CommandText = query;
        using var reader = command.ExecuteReader();
        var values = new List<long>();
        while (reader.Read())
        {
            values.Add(reader.GetInt64(0));
        }
        return values;
    }
}
