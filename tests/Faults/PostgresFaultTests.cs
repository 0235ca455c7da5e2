using System.Net;
using Twite.Faults.History;
using Twite.Postgres;

namespace Twite.Faults;

/// <summary>The same with the tables on a PostgreSQL server: the program is killed, and the server is taken away, under a posting load.</summary>
public sealed class PostgresFaultTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int Seed = 20_261_125;
    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(5);

    // The short form has the same on files, and a server that goes away under the storage alone.
    private readonly ITestOutputHelper _output = LongForm.Only(output);
    private PostgresCluster _cluster = null!;
    private FaultRun _run = null!;

    public async ValueTask InitializeAsync()
    {
        _cluster = await PostgresCluster.StartAsync(durable: true);
        _run = FaultRun.CreateEmpty(_cluster.ConnectionStringOf("postgres"));
        await _run.AddAuthorsAsync(6);
        _run.Server.Start();
        await _run.Server.WaitUntilReadyAsync();
        await _run.BeginLoadAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _run.DisposeAsync();
        await _cluster.DisposeAsync();
    }

    // One network for both faults: to make one takes longer than either.
    [Fact]
    public async Task No_acknowledged_post_is_lost_or_doubled_by_kill_9_or_by_a_server_that_goes_away()
    {
        await KillAsync(25);
        foreach (var crashes in new[] { false, true })
        {
            await TakeAwayAsync(crashes);
        }
        var verdict = await _run.JudgeAsync();
        Assert.True(verdict.Judgement == Judgement.Valid, verdict.ToString());
    }

    private async Task KillAsync(int kills)
    {
        var random = new Random(Seed);
        var (inFlight, recoveries) = (0, new List<TimeSpan>());
        for (var kill = 0; kill < kills; kill++)
        {
            await _run.WaitForPostsAsync(random.Next(5, 40));
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(0, 40)), TimeProvider.System);
            inFlight += _run.Load.Open;
            await _run.Server.KillAsync();
            _run.Server.Start();
            recoveries.Add(await _run.WaitForPostsAsync(1));
        }
        _output.WriteLine($"{kills} kills, {inFlight} posts under way at them, {_run.Load.Acknowledged} acknowledged; longest until the first post {recoveries.Max().TotalMilliseconds:N0} ms");
        Assert.True(inFlight >= kills, $"Only {inFlight} posts were under way at {kills} kills: the load was too light to show anything.");
    }

    private async Task TakeAwayAsync(bool crashes)
    {
        using var http = new HttpClient();
        await _run.WaitForPostsAsync(20);
        await _cluster.StopAsync(immediately: crashes);
        for (var i = 0; i < 5; i++)
        {
            using var reply = await http.GetAsync(_run.Server.Url + "/api/v1/timelines/public");
            Assert.Equal(HttpStatusCode.ServiceUnavailable, reply.StatusCode);
            Assert.Contains("\"error\"", await reply.Content.ReadAsStringAsync());
        }
        await _cluster.StartAgainAsync();
        var recovery = await _run.WaitForPostsAsync(1);
        _output.WriteLine($"first post {recovery.TotalMilliseconds:N0} ms after the server was back");
        Assert.True(recovery < Recovery, $"The first post came {recovery} after the server was back.");
    }
}
