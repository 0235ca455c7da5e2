using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Anywire.Diagnostics;

namespace Anywire.Messaging.Tests;

/// <summary>Watches what servers show of their queues.</summary>
internal sealed class ShownQueues : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<string, long> _now = new(StringComparer.Ordinal);

    public ShownQueues()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == AnywireDiagnostics.Name && instrument.Name == "anywire.queue.messages")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, value, tags, _) => _now[string.Join(' ', tags.ToArray().Select(t => t.Value))] = value);
        _listener.Start();
    }

    public long? Now(string wire, string service, string queue)
    {
        _now.Clear();
        _listener.RecordObservableInstruments();
        return _now.TryGetValue($"{wire} {service} {queue}", out var value) ? value : null;
    }

    public void Dispose() => _listener.Dispose();
}
