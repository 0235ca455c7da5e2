using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Anywire.Diagnostics;
using Anywire.Tests.Samples;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.Time.Testing;

namespace Anywire.Tests;

/// <summary>What is recorded of calls in process, where a handler may run before its caller has the call.</summary>
public sealed class RecordedCallsTests
{
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());

    [Fact]
    public async Task A_call_s_duration_has_what_its_handler_did_before_it_gave_its_task()
    {
        await using var bed = await InProcessBed.StartAsync(new Slow(_time), _time);
        using var recorded = new Recorded("rpc.client.call.duration", "anywire.samples.Whole/Ask");
        await new Whole.WholeClient(bed.Client.Invoker).AskAsync(new Word());
        Assert.Equal([0.05], recorded.Values);
    }

    [Fact]
    public async Task Best_effort_messages_that_are_left_at_the_end_are_counted_and_a_handler_that_does_not_come_back_does_not_keep_it_from_ending()
    {
        using var release = new ManualResetEventSlim();
        using var dropped = new Recorded("anywire.best_effort.dropped", "anywire.samples.Whole/Shout");
        var stuck = new Stuck(release);
        var bed = await InProcessBed.StartAsync(stuck, TimeProvider.System);
        var whole = new Whole.WholeClient(bed.Client.Invoker);
        for (var i = 0; i < 5; i++)
        {
            await whole.ShoutAsync(new Word());
        }
        try
        {
            await stuck.Entered.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
            await bed.Client.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
            Assert.Equal(4, dropped.Values.Sum());
        }
        finally
        {
            release.Set();
            await bed.DisposeAsync();
        }
    }

    private sealed class Slow(FakeTimeProvider time) : Whole.WholeBase
    {
        public override Task<Word> Ask(Word request, ServerCallContext context)
        {
            time.Advance(TimeSpan.FromMilliseconds(50));
            return Task.FromResult(request);
        }
    }

    private sealed class Stuck(ManualResetEventSlim release) : Whole.WholeBase
    {
        public TaskCompletionSource Entered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override Task<Empty> Shout(Word request, ServerCallContext context)
        {
            Entered.TrySetResult();
            release.Wait();
            return Task.FromResult(new Empty());
        }
    }

    /// <summary>What one instrument records of one method.</summary>
    private sealed class Recorded : IDisposable
    {
        private readonly MeterListener _listener = new();

        public Recorded(string instrument, string method)
        {
            _listener.InstrumentPublished = (published, listener) =>
            {
                if (published.Meter.Name == AnywireDiagnostics.Name && published.Name == instrument)
                {
                    listener.EnableMeasurementEvents(published);
                }
            };
            _listener.SetMeasurementEventCallback<long>((_, value, tags, _) => Add(value, tags));
            _listener.SetMeasurementEventCallback<double>((_, value, tags, _) => Add(value, tags));
            _listener.Start();

            void Add(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
            {
                if (tags.Contains(new KeyValuePair<string, object?>("rpc.method", method)))
                {
                    Values.Enqueue(value);
                }
            }
        }

        public ConcurrentQueue<double> Values { get; } = new();

        public void Dispose() => _listener.Dispose();
    }
}
