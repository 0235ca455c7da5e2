using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Anywire.Diagnostics;

namespace Anywire.Messaging.Server;

/// <summary>Shows how many messages wait at a broker for a service, and how many lie in its dead letters. Asks the broker every few seconds while somebody listens, and
/// shows what it was told last.</summary>
internal sealed class QueueDepths : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private static readonly Meter Meter = new(AnywireDiagnostics.Name);
    private static readonly ConcurrentDictionary<(string Wire, string Service, string Queue), long> Known = new();

    private static readonly ObservableGauge<long> Gauge = Meter.CreateObservableGauge(
        "anywire.queue.messages", Observe, "{message}", "Messages that a broker keeps for a service: events, and dead letters.");

    private readonly string _wire;
    private readonly string _service;
    private readonly Func<CancellationToken, Task<IReadOnlyList<(string Queue, long Messages)>>> _ask;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _asking;

    /// <summary>Begins.</summary>
    /// <param name="wire">The transport's name.</param>
    /// <param name="service">Whose queues they are.</param>
    /// <param name="ask">Asks the broker.</param>
    /// <param name="time">The clock.</param>
    public QueueDepths(string wire, string service, Func<CancellationToken, Task<IReadOnlyList<(string Queue, long Messages)>>> ask, TimeProvider time)
    {
        (_wire, _service, _ask, _time) = (wire, service, ask, time);
        _asking = Task.Run(AskAsync);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _asking;
        _stopping.Dispose();
        foreach (var key in Known.Keys.Where(k => k.Wire == _wire && k.Service == _service))
        {
            Known.TryRemove(key, out _);
        }
    }

    private static IEnumerable<Measurement<long>> Observe() => Known.Select(k => new Measurement<long>(
        k.Value, new("anywire.wire", k.Key.Wire), new("anywire.service", k.Key.Service), new("anywire.queue", k.Key.Queue)));

    private async Task AskAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            if (Gauge.Enabled)
            {
                try
                {
                    foreach (var (queue, messages) in await _ask(_stopping.Token))
                    {
                        Known[(_wire, _service, queue)] = messages;
                    }
                }
                catch (Exception)
                {
                    // The broker is away, or goes: what it was before is not shown as if it were now.
                    foreach (var key in Known.Keys.Where(k => k.Wire == _wire && k.Service == _service))
                    {
                        Known.TryRemove(key, out _);
                    }
                }
            }
            await Task.Delay(Interval, _time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
