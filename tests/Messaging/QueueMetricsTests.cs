using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Anywire.Brokers;
using Anywire.Diagnostics;
using Anywire.Messaging.Server;

namespace Anywire.Messaging.Tests;

/// <summary>What a broker keeps is shown to whoever watches.</summary>
public sealed class QueueMetricsTests(NatsTestServer server)
{
    [Fact]
    public async Task How_many_messages_wait_is_shown_while_somebody_watches()
    {
        var waiting = 7L;
        using var shown = new Shown();
        await using (new QueueDepths("test", "echo", _ => Task.FromResult<IReadOnlyList<(string, long)>>([("events", Interlocked.Read(ref waiting)), ("dead", 1)]), TimeProvider.System))
        {
            await Wait.UntilAsync(() => shown.Now("test", "echo", "events") == 7 && shown.Now("test", "echo", "dead") == 1, "it shows what waits");
            Interlocked.Exchange(ref waiting, 0);
            await Wait.UntilAsync(() => shown.Now("test", "echo", "events") == 0, "it shows that nothing waits any more");
        }
        Assert.Null(shown.Now("test", "echo", "events"));
    }

    [Fact]
    public async Task A_server_over_a_broker_shows_its_events_and_its_dead_letters()
    {
        using var shown = new Shown();
        await using var bed = new EchoBed(BrokerUnderTest.Of(await server.BrokerAsync()));
        await bed.ListenAsync();
        await Wait.UntilAsync(() => shown.Now("NATS", "echo", "events") == 0 && shown.Now("NATS", "echo", "dead") == 0, "both queues are shown");
    }

    private sealed class Shown : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly ConcurrentDictionary<string, long> _now = new(StringComparer.Ordinal);

        public Shown()
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
}
