using System.Diagnostics.Metrics;
using Anywire.Diagnostics;

namespace Twite.Bench.Udp;

/// <summary>What Anywire's own meter says was lost in this process's sockets, and what its queues dropped.</summary>
internal sealed class Losses : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly Lock _lock = new();
    private long _kernel;
    private long _network;
    private long _queue;

    public Losses()
    {
        _listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Meter.Name == AnywireDiagnostics.Name && instrument.Name is "anywire.datagrams.lost" or "anywire.best_effort.dropped")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>(Take);
        _listener.Start();
    }

    /// <summary>Events that a full queue did not take.</summary>
    public long Queue => Volatile.Read(ref _queue);

    /// <summary>Datagrams lost so far, of all sockets.</summary>
    public (long Kernel, long Network) Now()
    {
        lock (_lock)
        {
            (_kernel, _network) = (0, 0);
            _listener.RecordObservableInstruments();
            return (_kernel, _network);
        }
    }

    public void Dispose() => _listener.Dispose();

    private void Take(Instrument instrument, long value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
    {
        if (instrument.Name == "anywire.best_effort.dropped")
        {
            Interlocked.Add(ref _queue, value);
            return;
        }
        foreach (var tag in tags)
        {
            _ = (tag.Key, tag.Value) switch
            {
                ("where", "kernel") => _kernel += value,
                ("where", "network") => _network += value,
                _ => 0,
            };
        }
    }
}
