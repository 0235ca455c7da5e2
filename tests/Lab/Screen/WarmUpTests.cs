using Twite.Lab.Load;
using Twite.Lab.Processes;
using Twite.Lab.Rounds;
using Twite.Lab.Screen;
using Twite.Lab.Tests.Wires;

namespace Twite.Lab.Tests.Screen;

/// <summary>What the first posts cost is no column's figure.</summary>
public sealed class WarmUpTests
{
    [Theory]
    [InlineData(new[] { 100, 50, 30, 29 }, 4)]
    [InlineData(new[] { 30, 31 }, 2)]
    [InlineData(new[] { 100, 80, 60, 40, 20, 10 }, 5)]
    public async Task Posts_warm_a_network_up_until_they_become_no_cheaper_or_five_times(int[] costs, int turns)
    {
        var workers = new Workers(costs);
        var setting = new Setting(new Plan(), workers, 141, Path.GetTempPath(), TimeProvider.System);
        await using var stage = await new ScreenScene(setting).OpenAsync(new FakeWire(new FakeWireOptions()).Column(), TestContext.Current.CancellationToken);
        Assert.Equal(turns, workers.Turns);
    }

    private sealed class Workers(int[] costs) : IWorkers
    {
        public int Turns { get; private set; }

        public IWorker Start(string name) => new Worker(this);

        private Answer Answer(Order order) => order switch
        {
            OpenNetwork => new NetworkOpened("http://127.0.0.1", []),
            ReadUsage => new Usage(0),
            PostToScreens => new ScreensShowed(1, 0, null, 1, 0, 0, 0, 0, 0, costs[Turns++], new Latencies().Encode()),
            _ => new Done(),
        };

        private sealed class Worker(Workers owner) : IWorker
        {
            public Task<T> AskAsync<T>(Order order, CancellationToken cancellationToken)
                where T : Answer => Task.FromResult((T)owner.Answer(order));

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
