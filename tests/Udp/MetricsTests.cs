using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using Anywire.Diagnostics;
using Anywire.Udp.Diagnostics;

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

    [Theory, InlineData(true), InlineData(false)]
    public void One_that_fails_when_a_socket_begins_or_ends_leaves_none_open(bool begins)
    {
        // Others' sockets are none of its business.
        var self = Environment.CurrentManagedThreadId;
        bool? fails = null;
        var failures = 0;
        void Fail(bool now)
        {
            if (Environment.CurrentManagedThreadId == self && fails == now)
            {
                failures++;
                throw new InvalidOperationException("a listener that fails");
            }
        }
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, l) =>
            {
                if (Environment.CurrentManagedThreadId == self && fails is not null)
                {
                    l.EnableMeasurementEvents(instrument);
                    Fail(now: true);
                }
            },
            MeasurementsCompleted = (_, _) => Fail(now: false),
        };
        listener.Start();
        fails = begins;
        var meter = new DatagramMeter("UDP", "nowhere", static () => default);
        meter.Dispose();
        fails = null;
        Assert.NotEqual(0, failures);
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
