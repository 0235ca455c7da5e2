using Twite.Faults;
using Twite.Processes.Pages;

namespace Twite.Processes;

/// <summary>What people get while a service is away: whatever can be shown without it, the sentence that says what is missing, and soon; and all of it
/// when the service is back.</summary>
public sealed class PartialPageTests(Authors authors, ITestOutputHelper output)
{
    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(5);

    // The lease on live updates is renewed every five seconds; only then a timeline knows that it is late. What hangs for 35 s is started again.
    private static readonly TimeSpan Noticing = TimeSpan.FromSeconds(30);

    // A page makes a few calls one after the other, of which each gives up after 3 to 5 seconds.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    [Theory(Skip = LongForm.WhyNot, SkipUnless = nameof(LongForm.IsRequested), SkipType = typeof(LongForm))]
    [InlineData("http")]
    [InlineData("grpc")]
    public async Task Pages_without_a_service_that_is_gone(string topology) => await TourAsync(
        topology, (network, service) => network.TakeAwayAsync(service), (network, service) => network.LetBackAsync(service));

    [Theory(Skip = LongForm.WhyNot, SkipUnless = nameof(LongForm.IsRequested), SkipType = typeof(LongForm))]
    [InlineData("http")]
    [InlineData("grpc")]
    public async Task Pages_without_a_service_that_hangs(string topology) => await TourAsync(
        topology,
        (network, service) => UpNetwork.SignalAsync("STOP", network.ProcessOf(service)),
        (network, service) => UpNetwork.SignalAsync("CONT", network.ProcessOf(service)));

    private async Task TourAsync(string topology, Func<UpNetwork, string, Task> takeAway, Func<UpNetwork, string, Task> letBack)
    {
        await using var network = new UpNetwork(topology);
        authors.CopyTo(network.Data);
        // Processes whose parent is stopped must not fill the pipes of their logs.
        network.Start("--Logging:LogLevel:Default=Error", "--Logging:LogLevel:Twite.Supervision=Information");
        await network.WaitUntilUpAsync();
        using var people = await Sightseers.CreateAsync(network.Url, authors.Tokens["ada"]);
        await UntilAllAsync(people.Whole);
        foreach (var service in network.Services.Where(s => s != "web"))
        {
            await takeAway(network, service);
            var (noticed, slowest) = await UntilAllAsync(people.Without(service));
            await letBack(network, service);
            var (whole, _) = await UntilAllAsync(people.Whole);
            output.WriteLine($"{service} away: as it should be after {noticed.TotalMilliseconds:N0} ms, slowest answer {slowest.TotalMilliseconds:N0} ms; whole {whole.TotalMilliseconds:N0} ms after its return");
            Assert.True(slowest < Patience, $"Without {service} an answer took {slowest}.");
            Assert.True(whole < Recovery, $"After {service} was back it took {whole} until everything was there.");
        }
        Assert.Equal(0, await network.StopAsync());
    }

    /// <summary>Asks for everything, and again for what is not as it must be.</summary>
    /// <returns>How long it took until it was, and the slowest answer.</returns>
    private static async Task<(TimeSpan Took, TimeSpan Slowest)> UntilAllAsync(IReadOnlyList<PageCheck> checks)
    {
        var slowest = new TimeSpan[checks.Count];
        var times = await Task.WhenAll(checks.Select((check, index) =>
        {
            string? wrong = null;
            return Waiting.UntilAsync(
                async () =>
                {
                    var answer = await check.TryAsync();
                    Assert.False(answer.IsBroken, answer.Wrong);
                    slowest[index] = answer.Took > slowest[index] ? answer.Took : slowest[index];
                    return (wrong = answer.Wrong) is null;
                },
                () => wrong!,
                Noticing);
        }));
        return (times.Max(), slowest.Max());
    }
}
