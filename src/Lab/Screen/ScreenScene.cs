using Google.Protobuf.Reflection;
using Twite.Contracts;
using Twite.Lab.Load;
using Twite.Lab.Processes;
using Twite.Lab.Rounds;

namespace Twite.Lab.Screen;

/// <summary>From posting to a follower's screen, through the whole network.</summary>
internal sealed class ScreenScene(Setting setting) : IScene
{
    private const string Posting = "posting";

    private static readonly ServiceDescriptor[] Services =
        [AccountsService.Descriptor, MessagesService.Descriptor, FollowsService.Descriptor, NotificationsService.Descriptor, LiveUpdatesService.Descriptor];

    public string Key => "screen";

    public string Name => "The screen: from posting to a follower's eyes";

    public string About =>
        $"The whole network with its own services and databases (SQLite), every boundary between services over the column's wire (what that cannot carry goes over TCP beside it; its note says so). {setting.Plan.People.Authors} people post by the public API, {setting.Plan.People.Followers} others follow each of them and watch their live streams (server-sent events). Latency is from the moment the post was meant to be sent until it is in a follower's stream, so it contains the commit to disk. All services are one process here, joined by that wire: \"server\" is that process, \"client\" the lab's authors and screens. Lost is what was acknowledged and did not show within 5 s, doubled what showed twice on one screen, out of order what showed after a newer post of the same author.{TwoWays.About(setting.Plan)}";

    public IReadOnlyList<LoadPoint> Loads { get; } =
    [
        new(Posting, $"{setting.Plan.PostRate:N0} posts a second to {setting.Plan.People.Followers} screens"),
        .. setting.Plan.Losses.Select(loss => LoadPoint.Lossy(Posting, $"{setting.Plan.PostRate:N0} posts a second to {setting.Plan.People.Followers} screens", loss)),
    ];

    public bool Suits(Column column) => column.Beside is not null || Services.All(s => column.Carries(s, [.. s.Methods.Select(m => m.Name)]));

    public Task<IStage> OpenAsync(Column column, CancellationToken cancellationToken) =>
        TwoWays.OpenAsync(column, setting.Plan, isBad => OpenAsync(column, isBad, cancellationToken));

    private async Task<ILossyStage> OpenAsync(Column column, bool isBad, CancellationToken cancellationToken)
    {
        var broker = await BrokerProcess.StartAsync(column, Key, setting, cancellationToken);
        var stage = new Stage(setting, broker, setting.Workers.Start($"{column.Name}'s network"), setting.Workers.Start($"{column.Name}'s screens"));
        try
        {
            await stage.OpenAsync(column, isBad, cancellationToken);
            return stage;
        }
        catch
        {
            await stage.DisposeAsync();
            throw;
        }
    }

    private sealed class Stage(Setting setting, BrokerProcess? broker, IWorker network, IWorker screens) : ILossyStage
    {
        private int _run;

        public async Task OpenAsync(Column column, bool isBad, CancellationToken cancellationToken)
        {
            var (authors, followers) = setting.Plan.People;
            var opened = await network.AskAsync<NetworkOpened>(
                new OpenNetwork(
                    column.Key, setting.Keys, Path.Combine(setting.Folder, $"network-{column.Key}{(isBad ? "-bad" : "")}"), authors + followers, broker?.Port ?? 0, isBad),
                cancellationToken);
            await screens.AskAsync<Done>(
                new OpenScreens(opened.Url, [.. opened.People.Take(authors)], [.. opened.People.Skip(authors)]), cancellationToken);
            await WarmUpAsync(cancellationToken);
        }

        // What the first posts of a network cost is thrown away, and each column is warm after a different number of them.
        private async Task WarmUpAsync(CancellationToken cancellationToken)
        {
            const double Settled = 0.9;
            var last = double.PositiveInfinity;
            for (var turn = 0; turn < setting.Plan.ScreenWarmUps; turn++)
            {
                var before = await ReadAsync(cancellationToken);
                var showed = await screens.AskAsync<ScreensShowed>(Order(setting.Plan.WarmUp), cancellationToken);
                var used = (await ReadAsync(cancellationToken)).Since(before, showed.CpuMicroseconds, showed.Posts).ToDictionary();
                if (!used.TryGetValue(Figures.Cpu.Key, out var cost) || cost > last * Settled)
                {
                    return;
                }
                last = cost;
            }
        }

        public async Task<Sample> MeasureAsync(LoadPoint load, CancellationToken cancellationToken)
        {
            var from = setting.Time.GetUtcNow();
            var before = await ReadAsync(cancellationToken);
            var showed = await screens.AskAsync<ScreensShowed>(Order(setting.Plan.Screen), cancellationToken);
            var after = await ReadAsync(cancellationToken);
            if (Sample.RefuseLate(showed.Late, showed.Posts + showed.Failures, setting.Plan.LateAfter) is { } refusal)
            {
                return new Sample { Refusal = refusal, FirstFailure = showed.FirstFailure };
            }
            var figures = after.Since(before, showed.CpuMicroseconds, showed.Posts).Concat(Sample.PercentilesOf(Latencies.Decode(showed.Latencies))).ToDictionary();
            figures[Figures.Rate.Key] = showed.Posts / showed.Seconds;
            figures[Figures.Lost.Key] = showed.Lost;
            figures[Figures.Doubles.Key] = showed.Doubles;
            figures[Figures.Inversions.Key] = showed.Inversions;
            figures[Figures.Failures.Key] = showed.Failures;
            return new Sample
            {
                Figures = figures, FirstFailure = showed.FirstFailure, Latencies = showed.Latencies, From = from, Until = setting.Time.GetUtcNow(),
            };
        }

        public Task<LossSet> AskAsync(SetLoss order, CancellationToken cancellationToken) => network.AskAsync<LossSet>(order, cancellationToken);

        public async ValueTask DisposeAsync()
        {
            await screens.DisposeAsync();
            await network.DisposeAsync();
            if (broker is not null)
            {
                await broker.DisposeAsync();
            }
        }

        private PostToScreens Order(TimeSpan duration) =>
            new(_run++, setting.Plan.PostRate, duration.TotalSeconds, setting.Plan.LateAfter.TotalMilliseconds);

        private async Task<Meter> ReadAsync(CancellationToken cancellationToken) => new(
            (await network.AskAsync<Usage>(new ReadUsage(), cancellationToken)).CpuMicroseconds,
            broker is null ? null : await broker.ReadCpuAsync(cancellationToken),
            Loopback.SentBytes());
    }
}
