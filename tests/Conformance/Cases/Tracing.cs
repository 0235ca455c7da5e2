using System.Collections.Concurrent;
using System.Diagnostics;
using Anywire.Diagnostics;

namespace Anywire.Conformance;

public abstract partial class ConformanceSuite
{
    [Fact]
    public async Task One_trace_goes_from_caller_to_handler_and_on()
    {
        var stage = await OpenAsync();
        stage.Handlers.Unary = async (item, context) => item.Number == 0
            ? new Item { Text = Activity.Current?.TraceId.ToHexString() ?? "" }
            : await stage.Calls.UnaryAsync(new Item(), cancellationToken: context.CancellationToken);
        using var root = NewRoot(recorded: true);
        using var spans = new Spans(root.TraceId, ActivitySamplingResult.AllDataAndRecorded);
        var reply = await stage.Calls.UnaryAsync(new Item { Number = 1 }).ResponseAsync.Soon();
        Assert.Equal(root.TraceId.ToHexString(), reply.Text);
        await Wait.UntilAsync(() => spans.Ended.Count == 4, "two calls have ended on both sides");
        var outerClient = Assert.Single(spans.Ended, s => s.ParentSpanId == root.SpanId);
        var outerServer = Assert.Single(spans.Ended, s => s.ParentSpanId == outerClient.SpanId);
        var innerClient = Assert.Single(spans.Ended, s => s.ParentSpanId == outerServer.SpanId);
        var innerServer = Assert.Single(spans.Ended, s => s.ParentSpanId == innerClient.SpanId);
        Assert.Equal(
            [ActivityKind.Client, ActivityKind.Server, ActivityKind.Client, ActivityKind.Server],
            new[] { outerClient, outerServer, innerClient, innerServer }.Select(s => s.Kind));
        Assert.All(spans.Ended, s => Assert.Equal("anywire.conformance.Calls/Unary", s.DisplayName));
    }

    [Fact]
    public async Task A_call_leaves_the_callers_span_as_it_was()
    {
        var stage = await OpenAsync();
        var release = new TaskCompletionSource();
        stage.Handlers.Unary = async (item, _) =>
        {
            await release.Task;
            return item.Clone();
        };
        using var root = NewRoot(recorded: true);
        using var spans = new Spans(root.TraceId, ActivitySamplingResult.AllDataAndRecorded);
        var call = stage.Calls.UnaryAsync(new Item());
        Assert.Same(root, Activity.Current);
        release.SetResult();
        await call.ResponseAsync.Soon();
        Assert.Same(root, Activity.Current);
        stage.Handlers.Unary = static (item, _) => Task.FromResult(item.Clone());
        await stage.Calls.UnaryAsync(new Item()).ResponseAsync.Soon();
        Assert.Same(root, Activity.Current);
    }

    [Fact]
    public async Task The_trace_goes_through_every_kind_of_stream()
    {
        Needs(CallKinds.ServerStreaming);
        var kinds = Carries(CallKinds.All) ? 3 : 1;
        var stage = await OpenAsync();
        var seen = new ConcurrentQueue<string?>();
        stage.Handlers.ServerStream = (_, _, _) => Note();
        stage.Handlers.Duplex = (_, _, _) => Note();
        stage.Handlers.ClientStream = async (_, _) =>
        {
            await Note();
            return new Item();
        };
        using var root = NewRoot(recorded: true);
        using var spans = new Spans(root.TraceId, ActivitySamplingResult.AllDataAndRecorded);
        using var down = stage.Calls.ServerStream(new Item());
        await down.ResponseStream.ToListAsync();
        if (Carries(CallKinds.All))
        {
            using var up = stage.Calls.ClientStream();
            await up.ResponseAsync.Soon();
            using var both = stage.Calls.Duplex();
            await both.ResponseStream.ToListAsync();
        }
        Assert.Equal(Enumerable.Repeat(root.TraceId.ToHexString(), kinds), seen);
        await Wait.UntilAsync(() => spans.Ended.Count(s => s.Kind == ActivityKind.Server) == kinds, "all handlers' spans have ended");

        Task Note()
        {
            seen.Enqueue(Activity.Current?.TraceId.ToHexString());
            return Task.CompletedTask;
        }
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task Trace_state_and_the_sampling_decision_travel(bool recorded)
    {
        var stage = await OpenAsync();
        Activity? there = null;
        stage.Handlers.Unary = (item, _) =>
        {
            there = Activity.Current;
            return Task.FromResult(item.Clone());
        };
        using var root = NewRoot(recorded);
        root.TraceStateString = "vendor=1,other=2";
        using var spans = new Spans(root.TraceId, recorded ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.PropagationData);
        await stage.Calls.UnaryAsync(new Item()).ResponseAsync.Soon();
        Assert.Equal(root.TraceId, there?.TraceId);
        Assert.Equal(recorded, there?.Recorded);
        Assert.Equal("vendor=1,other=2", there?.TraceStateString);
    }

    [Fact]
    public async Task A_trace_that_nobody_records_here_still_travels()
    {
        var stage = await OpenAsync();
        (ActivityTraceId Trace, string? State) there = default;
        stage.Handlers.Unary = (item, _) =>
        {
            there = (Activity.Current?.TraceId ?? default, Activity.Current?.TraceStateString);
            return Task.FromResult(item.Clone());
        };
        using var root = NewRoot(recorded: false);
        root.TraceStateString = "vendor=1";
        await stage.Calls.UnaryAsync(new Item()).ResponseAsync.Soon();
        Assert.Equal((root.TraceId, "vendor=1"), there);
    }

    [Fact]
    public async Task A_best_effort_message_belongs_to_its_senders_trace()
    {
        var stage = await OpenAsync();
        var there = new TaskCompletionSource<ActivityTraceId?>();
        stage.Handlers.Event = (_, _) =>
        {
            there.SetResult(Activity.Current?.TraceId);
            return Task.CompletedTask;
        };
        using var root = NewRoot(recorded: true);
        using var spans = new Spans(root.TraceId, ActivitySamplingResult.AllDataAndRecorded);
        await stage.Calls.BestEffortAsync(new Item()).ResponseAsync.Soon();
        Assert.Equal(root.TraceId, await there.Task.Soon());
        await Wait.UntilAsync(() => spans.Ended.Count == 2, "the message has left and was handled");
        var sent = Assert.Single(spans.Ended, s => s.Kind == ActivityKind.Producer);
        Assert.Equal((root.SpanId, sent.SpanId), (sent.ParentSpanId, Assert.Single(spans.Ended, s => s.Kind == ActivityKind.Server).ParentSpanId));
    }

    [Fact]
    public async Task A_best_effort_message_of_a_trace_that_nobody_records_here_belongs_to_it_too()
    {
        var stage = await OpenAsync();
        var there = new TaskCompletionSource<(ActivityTraceId?, string?)>();
        stage.Handlers.Event = (_, _) =>
        {
            there.SetResult((Activity.Current?.TraceId, Activity.Current?.TraceStateString));
            return Task.CompletedTask;
        };
        using var root = NewRoot(recorded: false);
        root.TraceStateString = "vendor=1";
        await stage.Calls.BestEffortAsync(new Item()).ResponseAsync.Soon();
        Assert.Equal((root.TraceId, "vendor=1"), await there.Task.Soon());
    }

    [Fact]
    public async Task A_message_sent_outside_any_trace_belongs_to_none()
    {
        Activity.Current = null;
        using var maker = NewRoot(recorded: true);
        var stage = await OpenAsync();
        var there = new TaskCompletionSource<ActivityTraceId?>();
        stage.Handlers.Event = (_, _) =>
        {
            there.SetResult(Activity.Current?.TraceId);
            return Task.CompletedTask;
        };
        Activity.Current = null;
        await stage.Calls.BestEffortAsync(new Item()).ResponseAsync.Soon();
        Assert.NotEqual(maker.TraceId, await there.Task.Soon());
    }

    private static Activity NewRoot(bool recorded)
    {
        var root = new Activity("root");
        root.SetIdFormat(ActivityIdFormat.W3C);
        root.ActivityTraceFlags = recorded ? ActivityTraceFlags.Recorded : ActivityTraceFlags.None;
        return root.Start();
    }

    /// <summary>Collects the spans of one trace; the other cases' spans, which run at the same time, are left alone.</summary>
    private sealed class Spans : IDisposable
    {
        private readonly ActivityListener _listener;

        public Spans(ActivityTraceId trace, ActivitySamplingResult sampling)
        {
            _listener = new ActivityListener
            {
                ShouldListenTo = static source => source.Name == AnywireDiagnostics.Name,
                Sample = (ref ActivityCreationOptions<ActivityContext> options) => options.TraceId == trace ? sampling : ActivitySamplingResult.None,
                ActivityStopped = span =>
                {
                    if (span.TraceId == trace)
                    {
                        Ended.Enqueue(span);
                    }
                },
            };
            ActivitySource.AddActivityListener(_listener);
        }

        public ConcurrentQueue<Activity> Ended { get; } = new();

        public void Dispose() => _listener.Dispose();
    }
}
