using Twite.Faults;
using Twite.Faults.History;
using Twite.Faults.Load;
using Twite.Faults.Network;

namespace Twite.Processes;

/// <summary>What operators do to a network that people use, and what happens to it: each service killed, each service restarted.</summary>
public sealed class OperationsTests(Authors authors, ITestOutputHelper output)
{
    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(5);

    [Theory(Skip = LongForm.WhyNot, SkipUnless = nameof(LongForm.IsRequested), SkipType = typeof(LongForm))]
    [InlineData("http")]
    [InlineData("grpc")]
    [InlineData("tcp")]
    [InlineData("sockets")]
    public async Task Each_service_killed_in_turn_comes_back_and_nothing_acknowledged_is_lost(string topology)
    {
        await using var network = await StartAsync(topology, frontEnds: 1);
        await using var screen = new Screen(network.Url);
        await screen.Watching.WaitAsync(TimeSpan.FromSeconds(30));
        await using var load = new PostingLoad(network.Url, authors.Tokens, "kill");
        foreach (var service in network.Services)
        {
            var before = load.Acknowledged;
            await Waiting.UntilAsync(() => load.Acknowledged >= before + 30, () => $"30 posts were acknowledged\n{network.Log}");
            var readies = network.ReadiesOf(service);
            await UpNetwork.SignalAsync("KILL", network.ProcessOf(service));
            var back = await Waiting.UntilAsync(() => network.ReadiesOf(service) > readies, () => $"{service} is ready again\n{network.Log}");
            before = load.Acknowledged;
            var first = await Waiting.UntilAsync(() => load.Acknowledged > before, () => $"a post went through\n{network.Log}");
            output.WriteLine($"{service}: ready again after {back.TotalMilliseconds:N0} ms, first post {first.TotalMilliseconds:N0} ms after that");
            Assert.True(first < Recovery, $"After {service} was back the first post took {first}.");
        }
        await load.FinishAsync();
        using var reader = new ApiClient(network.Url, null);
        var final = await reader.ReadAllAsync(CancellationToken.None);
        await Waiting.UntilAsync(() => screen.Shown.Any(m => m.Id == final[0].Id), () => "the screen showed the newest post");
        Assert.Equal(0, await network.StopAsync());
        var verdict = HistoryChecker.Judge(load.History(final, [new ScreenOperation(screen.Shown, Complete: true)]));
        Assert.True(verdict.Judgement == Judgement.Valid, verdict.ToString());
    }

    [Theory(Skip = LongForm.WhyNot, SkipUnless = nameof(LongForm.IsRequested), SkipType = typeof(LongForm))]
    [InlineData("http")]
    [InlineData("grpc")]
    [InlineData("tcp")]
    [InlineData("sockets")]
    public async Task A_rolling_restart_of_all_services_is_an_error_to_nobody_who_tries_once_more(string topology)
    {
        await using var network = await StartAsync(topology, frontEnds: 2);
        var load = new PatientLoad(network.Urls, authors.Tokens.Values);
        foreach (var service in network.Services)
        {
            var before = load.Done;
            await Waiting.UntilAsync(() => load.Done >= before + 60 && load.Waiting == 0, () => $"60 things went well\n{string.Join('\n', load.Errors)}\n{network.Log}");
            var (readies, retried) = (network.ReadiesOf(service), load.Retried);
            load.IsRestarting = true;
            await UpNetwork.SignalAsync("TERM", network.ProcessOf(service));
            var back = await Waiting.UntilAsync(() => network.ReadiesOf(service) > readies, () => $"{service} is ready again\n{network.Log}");
            load.IsRestarting = false;
            output.WriteLine($"{service}: restarted within {back.TotalMilliseconds:N0} ms; {load.Retried - retried} tried once more so far");
        }
        var done = load.Done;
        await Waiting.UntilAsync(() => load.Done >= done + 60, () => $"60 things went well\n{string.Join('\n', load.Errors)}");
        await load.FinishAsync();
        output.WriteLine($"{load.Done} things went well, {load.Retried} of them at the second try");
        Assert.Empty(load.Errors);
        Assert.Contains("was stopped by somebody and starts again", network.Log);
        Assert.Equal(0, await network.StopAsync());
    }

    private async Task<UpNetwork> StartAsync(string topology, int frontEnds)
    {
        var network = new UpNetwork(topology, frontEnds);
        authors.CopyTo(network.Data);
        network.Start("--Logging:LogLevel:Default=Warning", "--Logging:LogLevel:Twite.Supervision=Information");
        await network.WaitUntilUpAsync();
        return network;
    }
}
