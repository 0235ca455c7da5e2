using Twite.Faults.History;

namespace Twite.Faults;

/// <summary><c>kill -9</c> in a loop under a posting load: nothing acknowledged is lost, nothing is doubled, in the timeline and on a screen.</summary>
public sealed class KillTests(Authors authors, ITestOutputHelper output)
{
    private const int Seed = 20_261_123;

    private static int Kills => LongForm.IsRequested ? 50 : 5;

    [Fact]
    public async Task No_acknowledged_post_is_lost_or_doubled_by_kill_9()
    {
        await using var run = FaultRun.Create(authors);
        run.Server.Start();
        await run.Server.WaitUntilReadyAsync();
        await run.BeginLoadAsync();

        var random = new Random(Seed);
        var (inFlight, recoveries) = (0, new List<TimeSpan>());
        for (var kill = 0; kill < Kills; kill++)
        {
            await run.WaitForPostsAsync(random.Next(5, 60));
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(0, 40)), TimeProvider.System);
            inFlight += run.Load.Open;
            await run.Server.KillAsync();
            run.Server.Start();
            recoveries.Add(await run.WaitForPostsAsync(1));
        }
        var verdict = await run.JudgeAsync();

        output.WriteLine($"{Kills} kills, {inFlight} posts under way at them, {run.Load.Acknowledged} acknowledged, {run.Screen.Connections} connections of the screen;");
        output.WriteLine($"first post after a restart: median {recoveries.Order().ElementAt(recoveries.Count / 2).TotalMilliseconds:N0} ms, longest {recoveries.Max().TotalMilliseconds:N0} ms");
        Assert.True(inFlight >= Kills, $"Only {inFlight} posts were under way at {Kills} kills: the load was too light to show anything.");
        Assert.True(run.Screen.Connections > Kills, "The screen was not cut off by the kills.");
        Assert.True(verdict.Judgement == Judgement.Valid, verdict.ToString());
    }
}
