using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
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

    [Fact]
    public async Task One_that_fails_to_be_told_of_a_stranger_ends_nothing()
    {
        var failed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var listener = new MeterListener
        {
            InstrumentPublished = static (instrument, l) =>
            {
                if (instrument.Name == "anywire.datagrams.refused")
                {
                    l.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, _, _, _) =>
        {
            failed.TrySetResult();
            throw new InvalidOperationException("a listener that fails");
        });
        listener.Start();
        await using var bed = await EchoBed.StartAsync();
        using var stranger = new UdpClient();
        stranger.Connect(IPAddress.Loopback, bed.Endpoint.Port);
        await stranger.SendAsync(new byte[3]);
        await failed.Task.Soon();
        Assert.Equal(1, (await bed.Call().SayAsync(new Word { Number = 1 }).ResponseAsync.Soon()).Number);
    }
}
