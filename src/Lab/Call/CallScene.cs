using Twite.Contracts;
using Twite.Lab.Processes;
using Twite.Lab.Rounds;

namespace Twite.Lab.Call;

/// <summary>The hot call: a 32-byte token in; account id, name and expiry out of 100,000 sessions. The contract is the network's own; the handler is
/// the lab's and answers from memory.</summary>
internal sealed class CallScene(Setting setting) : IScene
{
    private const string Common = "open-common";

    public string Key => "call";

    public string Name => "The call: verify a session";

    public string About =>
        $"A {Sessions.TokenLength}-byte token in; account id, name and expiry out of {Sessions.Count:N0} sessions. The network's own contract (AccountsService.VerifySession), answered from memory by a handler of the lab, so that the wire is measured and no database. Closed loops find the throughput; open loops send at a constant rate and count each latency from the moment the call was meant to be sent.";

    public IReadOnlyList<LoadPoint> Loads { get; } =
    [
        .. setting.Plan.Callers.Select(c => new LoadPoint($"closed-{c}", $"Closed loop, {(c == 1 ? "1 caller" : $"{c} callers")}")),
        new(Common, $"Open loop, {setting.Plan.CommonRate:N0} calls a second"),
        .. setting.Plan.KneeShares.Select(s => new LoadPoint(ShareKey(s), $"Open loop, {s:P0} of the throughput of {setting.Plan.Callers.Max()} callers in the first round")),
    ];

    public bool Suits(Column column) => column.Floor is not null || column.Carries(AccountsService.Descriptor, nameof(AccountsService.AccountsServiceBase.VerifySession));

    public async Task<IStage> OpenAsync(Column column, CancellationToken cancellationToken)
    {
        var pair = await Pair.OpenAsync(column, Key, setting, isBehindBadWay: false, cancellationToken);
        try
        {
            await WarmUpAsync(pair, cancellationToken);
            return new Stage(setting, pair);
        }
        catch
        {
            await pair.DisposeAsync();
            throw;
        }
    }

    private static string ShareKey(double share) => $"open-{share * 100:F0}";

    private async Task WarmUpAsync(Pair pair, CancellationToken cancellationToken)
    {
        var seconds = setting.Plan.WarmUp.TotalSeconds;
        var callers = setting.Plan.Callers.Max();
        await pair.AskClientAsync<Ran>(new RunClosed(callers, seconds / 2), cancellationToken);
        await pair.AskClientAsync<Ran>(new RunClosed(1, seconds / 8), cancellationToken);
        await pair.AskClientAsync<Ran>(new RunOpen(setting.Plan.CommonRate, seconds / 8, setting.Plan.LateAfter.TotalMilliseconds), cancellationToken);
        var reached = await pair.AskClientAsync<Ran>(new RunClosed(callers, seconds / 4), cancellationToken);
        if (reached.Failures > 0)
        {
            throw new WorkerException($"{reached.Failures} of {reached.Calls} calls of the warm-up failed: {reached.FirstFailure}");
        }
    }

    private sealed class Stage(Setting setting, Pair pair) : IStage
    {
        private readonly Dictionary<string, Order> _orders = setting.Plan.Callers
            .Select(c => KeyValuePair.Create($"closed-{c}", (Order)new RunClosed(c, setting.Plan.Measurement.TotalSeconds)))
            .Append(KeyValuePair.Create(Common, (Order)new RunOpen(setting.Plan.CommonRate, setting.Plan.Measurement.TotalSeconds, setting.Plan.LateAfter.TotalMilliseconds)))
            .ToDictionary();

        // Of what is measured, for a warm-up of some seconds ends before some wires are warm.
        private double? _throughput;

        public async Task<Sample> MeasureAsync(LoadPoint load, CancellationToken cancellationToken)
        {
            var order = _orders.GetValueOrDefault(load.Key) ?? ShareOf(load);
            var from = setting.Time.GetUtcNow();
            var (ran, used) = await pair.RunAsync(order, _ => Task.CompletedTask, cancellationToken);
            if (order is RunOpen && Sample.RefuseLate(ran.Late, ran.Calls, setting.Plan.LateAfter) is { } refusal)
            {
                return new Sample { Refusal = refusal, FirstFailure = ran.FirstFailure };
            }
            if (order is RunClosed closed && closed.Callers == setting.Plan.Callers.Max())
            {
                _throughput ??= (ran.Calls - ran.Failures) / ran.Seconds;
            }
            return new Sample
            {
                Figures = used.Concat(Sample.PercentilesOf(Lab.Load.Latencies.Decode(ran.Latencies)))
                    .Append(KeyValuePair.Create(Figures.Rate.Key, (ran.Calls - ran.Failures) / ran.Seconds))
                    .Append(KeyValuePair.Create(Figures.Failures.Key, (double)ran.Failures))
                    .ToDictionary(),
                FirstFailure = ran.FirstFailure,
                Latencies = ran.Latencies,
                From = from,
                Until = setting.Time.GetUtcNow(),
            };
        }

        public ValueTask DisposeAsync() => pair.DisposeAsync();

        private RunOpen ShareOf(LoadPoint load)
        {
            var share = setting.Plan.KneeShares.Single(s => ShareKey(s) == load.Key);
            var throughput = _throughput ?? throw new InvalidOperationException("The closed loops come first.");
            return new RunOpen(Round(share * throughput), setting.Plan.Measurement.TotalSeconds, setting.Plan.LateAfter.TotalMilliseconds);
        }

        // To two digits: the figure is none that could be reached more exactly.
        private static double Round(double rate)
        {
            var unit = Math.Pow(10, Math.Max(0, Math.Floor(Math.Log10(Math.Max(1, rate))) - 1));
            return Math.Max(1, Math.Round(rate / unit) * unit);
        }
    }
}
