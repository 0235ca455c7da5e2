using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Anywire.Diagnostics;

namespace Anywire.Messaging.Server;

/// <summary>Shows how many messages wait at a broker for a service, and how many lie in its dead letters. Asks the broker every few seconds while somebody listens, and
/// shows what it was told last.</summary>
internal sealed class QueueDepths : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    // One for each server: what one knows is not another's.
    private readonly Meter _meter = new(AnywireDiagnostics.Name);
    private readonly ConcurrentDictionary<string, long> _known = new(StringComparer.Ordinal);
    private readonly ObservableGauge<long> _gauge;
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
        _gauge = _meter.CreateObservableGauge(
            "anywire.queue.messages", Observe, "{message}", "Messages that a broker keeps for a service: events, and dead letters.");
        _asking = Task.Run(AskAsync);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _asking;
        _stopping.Dispose();
        _meter.Dispose();
    }

    private IEnumerable<Measurement<long>> Observe() => _known.Select(k => new Measurement<long>(
        k.Value, new("anywire.wire", _wire), new("anywire.service", _service), new("anywire.queue", k.Key)));

    private async Task AskAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            if (_gauge.Enabled)
            {
                try
                {
                    // A broker that has no room does not answer; whoever stops need not wait for it.
                    foreach (var (queue, messages) in await _ask(_stopping.Token).WaitAsync(_stopping.Token))
                    {
                        _known[queue] = messages;
                    }
                }
                catch (Exception)
                {
                    // The broker is away, or goes: what it was before is not shown as if it were now.
                    _known.Clear();
                }
            }
            await Task.Delay(Interval, _time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
