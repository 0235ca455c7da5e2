using System.Diagnostics.Metrics;
using Anywire.Diagnostics;

namespace Anywire.Udp.Tests;

/// <summary>Whoever listens to metrics is code of others.</summary>
public sealed class MetricsTests
{
    [Fact]
    public async Task A_listener_that_fails_ends_no_call()
    {
        var failures = 0;
        using var listener = new MeterListener
        {
            InstrumentPublished = static (instrument, l) =>
            {
                if (instrument.Meter.Name == AnywireDiagnostics.Name && instrument is Histogram<double>)
                {
                    l.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<double>((_, _, _, _) =>
        {
            Interlocked.Increment(ref failures);
            throw new InvalidOperationException("a listener that fails");
        });
        listener.Start();
        await using var bed = await EchoBed.StartAsync();
        var echo = bed.Call();
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(i, (await echo.SayAsync(new Word { Number = i }).ResponseAsync.Soon()).Number);
        }
        // Of either side.
        Assert.InRange(failures, 6, int.MaxValue);
    }
}
