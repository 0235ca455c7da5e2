using Twite.Contracts;
using Twite.Lab.Load;
using Twite.Lab.Processes;
using Twite.Lab.Rounds;

namespace Twite.Lab.Event;

/// <summary>One-way events that must come at least once, as Messages tells Notifications of each post; and the same without a guarantee, as
/// Notifications tells front ends. The contract is the network's own; the receiver is
/// the lab's and notes in memory what comes.</summary>
internal sealed class EventScene(Setting setting) : IScene
{
    private const string Common = "open-common";
    private const string BestEffort = "open-common-best-effort";
    private const string Flood = "flood";

    public string Key => "event";

    public string Name => "The event: a message was posted";

    public string About =>
        $"Events with a message of 141 characters, delivered at least once (NotificationsService.OnMessagePosted, the network's own contract), noted in memory by a receiver of the lab. What that guarantee costs is seen beside it: the same message by best effort (LiveUpdatesService.Push), which over a broker is neither kept on disk nor confirmed. Latency is one-way: from the moment the event was meant to be sent until its handler runs. Lost is what was acknowledged (by best effort: sent) and never came, doubled what came again; per second are, of the flood, the events that were handled until the last came. Out of order is what came after an event with a larger number, in the open loop, whose sends have an order. No outbox stands before the wire here, so nothing is sent again but by the wire.{TwoWays.About(setting.Plan)}";

    public IReadOnlyList<LoadPoint> Loads { get; } =
    [
        new(Common, $"Open loop, {setting.Plan.CommonRate:N0} events a second"),
        new(BestEffort, $"Open loop, {setting.Plan.CommonRate:N0} events a second by best effort"),
        new(Flood, $"As many as can be, {setting.Plan.EventSenders} under way at once"),
        .. setting.Plan.Losses.Select(loss => LoadPoint.Lossy(Common, $"Open loop, {setting.Plan.CommonRate:N0} events a second", loss)),
    ];

    public bool Suits(Column column) =>
        column.Carries(NotificationsService.Descriptor, nameof(NotificationsService.NotificationsServiceBase.OnMessagePosted))
        && column.Carries(LiveUpdatesService.Descriptor, nameof(LiveUpdatesService.LiveUpdatesServiceBase.Push));

    public Task<IStage> OpenAsync(Column column, CancellationToken cancellationToken) =>
        TwoWays.OpenAsync(column, setting.Plan, isBad => OpenAsync(column, isBad, cancellationToken));

    private async Task<ILossyStage> OpenAsync(Column column, bool isBad, CancellationToken cancellationToken)
    {
        var pair = await Pair.OpenAsync(column, Key, setting, isBad, cancellationToken);
        try
        {
            var seconds = setting.Plan.WarmUp.TotalSeconds;
            await WarmUpAsync(pair, new SendEvents(0, IsGuaranteed: true, setting.Plan.EventSenders, 0, seconds, 0), cancellationToken);
            await WarmUpAsync(pair, new SendEvents(1, IsGuaranteed: false, 0, setting.Plan.CommonRate, seconds / 4, 0), cancellationToken);
            return new Stage(setting, pair);
        }
        catch
        {
            await pair.DisposeAsync();
            throw;
        }
    }

    private async Task WarmUpAsync(Pair pair, SendEvents order, CancellationToken cancellationToken)
    {
        var warm = await pair.AskClientAsync<Ran>(order, cancellationToken);
        await pair.AskServerAsync<EventsReceived>(
            ReadEvents.Of(order.Run, warm, setting.Plan.EventPatience), cancellationToken);
    }

    private sealed class Stage(Setting setting, Pair pair) : ILossyStage
    {
        private int _run = 1;

        public async Task<Sample> MeasureAsync(LoadPoint load, CancellationToken cancellationToken)
        {
            var (run, isOpen) = (++_run, load.Key != Flood);
            var from = setting.Time.GetUtcNow();
            EventsReceived? received = null;
            var (ran, used) = await pair.RunAsync(
                new SendEvents(
                    run, load.Key != BestEffort, isOpen ? 0 : setting.Plan.EventSenders, setting.Plan.CommonRate, setting.Plan.Measurement.TotalSeconds, setting.Plan.LateAfter.TotalMilliseconds),
                async ran => received = await pair.AskServerAsync<EventsReceived>(
                    ReadEvents.Of(run, ran, setting.Plan.EventPatience), cancellationToken),
                cancellationToken);
            var acknowledged = ran.Calls - ran.Failures;
            if (isOpen && Sample.RefuseLate(ran.Late, ran.Calls, setting.Plan.LateAfter) is { } refusal)
            {
                return new Sample { Refusal = refusal, FirstFailure = ran.FirstFailure };
            }
            var figures = used.Concat(Sample.PercentilesOf(Latencies.Decode(received!.Latencies))).ToDictionary();
            // A broker acknowledges what nobody has handled yet: a flood has ended when the last has come.
            figures[Figures.Rate.Key] = isOpen ? acknowledged / ran.Seconds : received.Distinct / Math.Max(received.Seconds, ran.Seconds);
            figures[Figures.Lost.Key] = Math.Max(0, acknowledged - received.Distinct);
            figures[Figures.Doubles.Key] = received.Doubles;
            figures[Figures.Failures.Key] = ran.Failures;
            if (isOpen)
            {
                figures[Figures.Inversions.Key] = received.Inversions;
            }
            return new Sample
            {
                Figures = figures, FirstFailure = ran.FirstFailure, Latencies = received.Latencies, From = from, Until = setting.Time.GetUtcNow(),
            };
        }

        public Task<LossSet> AskAsync(SetLoss order, CancellationToken cancellationToken) => pair.AskServerAsync<LossSet>(order, cancellationToken);

        public ValueTask DisposeAsync() => pair.DisposeAsync();
    }
}
