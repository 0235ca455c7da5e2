using System.Diagnostics.Metrics;
using Anywire.Diagnostics;

namespace Anywire.Conformance;

/// <summary>Counts what one instrument of Anywire's meter records: what is recorded within the case's own flow of control, and all of it.</summary>
internal sealed class Counted : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly AsyncLocal<bool> _here = new();
    private long _own;
    private long _all;

    public Counted(string instrument)
    {
        _here.Value = true;
        _listener.InstrumentPublished = (published, listener) =>
        {
            if (published.Meter.Name == AnywireDiagnostics.Name && published.Name == instrument)
            {
                listener.EnableMeasurementEvents(published);
            }
        };
        // Other transports' cases run at the same time and record to the same instruments.
        _listener.SetMeasurementEventCallback<long>((_, value, _, _) =>
        {
            Interlocked.Add(ref _all, value);
            if (_here.Value)
            {
                Interlocked.Add(ref _own, value);
            }
        });
        _listener.Start();
    }

    public long Own => Interlocked.Read(ref _own);

    public long All => Interlocked.Read(ref _all);

    public void Dispose() => _listener.Dispose();
}
