using Grpc.Core;

namespace Anywire.Conformance;

public abstract partial class ConformanceSuite
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(300);

    private static DateTime In(TimeSpan time) => TimeProvider.System.GetUtcNow().UtcDateTime + time;

    [Fact]
    public async Task A_deadline_that_is_met_changes_nothing()
    {
        var stage = await OpenAsync();
        Assert.Equal(5, (await stage.Calls.UnaryAsync(new Item { Number = 5 }, deadline: In(TimeSpan.FromSeconds(60))).ResponseAsync.Soon()).Number);
    }

    [Fact]
    public async Task A_deadline_that_passed_before_the_call_keeps_the_handler_from_running()
    {
        var stage = await OpenAsync();
        var ran = 0;
        stage.Handlers.Unary = (item, _) =>
        {
            Interlocked.Increment(ref ran);
            return Task.FromResult(item.Clone());
        };
        await Wait.FailsAsync(StatusCode.DeadlineExceeded, () => stage.Calls.UnaryAsync(new Item(), deadline: In(-Short)).ResponseAsync);
        await stage.Calls.UnaryAsync(new Item()).ResponseAsync.Soon();
        Assert.Equal(1, ran);
    }

    [Fact]
    public async Task A_deadline_that_passed_before_a_stream_keeps_the_handler_from_running()
    {
        Needs(CallKinds.DuplexStreaming);
        var stage = await OpenAsync();
        var ran = 0;
        var echo = stage.Handlers.Duplex;
        stage.Handlers.Duplex = (reader, writer, context) =>
        {
            Interlocked.Increment(ref ran);
            return echo(reader, writer, context);
        };
        using var late = stage.Calls.Duplex(deadline: In(-Short));
        await Wait.FailsAsync(StatusCode.DeadlineExceeded, () => late.ResponseStream.MoveNext(default));
        using var call = stage.Calls.Duplex();
        await call.RequestStream.CompleteAsync().Soon();
        Assert.Empty(await call.ResponseStream.ToListAsync());
        Assert.Equal(1, ran);
    }

    [Fact]
    public async Task A_handler_that_never_answers_is_given_up()
    {
        var stage = await OpenAsync();
        stage.Handlers.Unary = async (item, context) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.CancellationToken);
            return item;
        };
        using var call = stage.Calls.UnaryAsync(new Item(), deadline: In(Short));
        var error = await Wait.FailsAsync(StatusCode.DeadlineExceeded, () => call.ResponseAsync);
        Assert.Equal(StatusCode.DeadlineExceeded, call.GetStatus().StatusCode);
        // A handler that lets this pass has not said it itself.
        Assert.EndsWith("/Unary", RemoteFailure.MethodOf(error), StringComparison.Ordinal);
        await Wait.UntilAsync(() => stage.Server.CallsInFlight == 0, "the handler has been told and has gone");
    }

    [Fact]
    public async Task A_handler_that_fails_when_its_time_is_over_fails_alone()
    {
        var stage = await OpenAsync();
        stage.Handlers.Unary = async (item, context) =>
        {
            context.CancellationToken.Register(static () => throw new InvalidOperationException("not now"));
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.CancellationToken);
            return item;
        };
        await Wait.FailsAsync(StatusCode.DeadlineExceeded, () => stage.Calls.UnaryAsync(new Item(), deadline: In(Short)).ResponseAsync);
        await Wait.UntilAsync(() => stage.Server.CallsInFlight == 0, "the handler has been told and has gone");
        // Nothing that nobody caught has ended the process, and there is an answer again.
        stage.Handlers.Unary = static (item, _) => Task.FromResult(item.Clone());
        Assert.Equal(5, (await stage.Calls.UnaryAsync(new Item { Number = 5 }).ResponseAsync.Soon()).Number);
    }

    [Fact]
    public async Task A_handler_that_ignores_its_token_holds_up_only_itself()
    {
        var stage = await OpenAsync();
        // Connecting is not what the short deadline is for.
        await stage.Client.ConnectAsync(CancellationToken.None).Soon();
        var release = new TaskCompletionSource();
        stage.Handlers.Unary = async (item, _) =>
        {
            await release.Task;
            return item.Clone();
        };
        await Wait.FailsAsync(StatusCode.DeadlineExceeded, () => stage.Calls.UnaryAsync(new Item(), deadline: In(Short)).ResponseAsync);
        Assert.Equal(1, stage.Server.CallsInFlight);
        release.SetResult();
        await stage.Calls.UnaryAsync(new Item()).ResponseAsync.Soon();
        await Wait.UntilAsync(() => stage.Server.CallsInFlight == 0, "the late handler has gone");
    }

    [Fact]
    public async Task A_stream_that_stalls_is_given_up()
    {
        Needs(CallKinds.ServerStreaming);
        var stage = await OpenAsync();
        stage.Handlers.ServerStream = async (item, writer, context) =>
        {
            await writer.WriteAsync(item.Clone());
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.CancellationToken);
        };
        using var call = stage.Calls.ServerStream(new Item(), deadline: In(TimeSpan.FromSeconds(1)));
        Assert.True(await call.ResponseStream.MoveNext(default).Soon());
        await Wait.FailsAsync(StatusCode.DeadlineExceeded, () => call.ResponseStream.MoveNext(default));
        await Wait.UntilAsync(() => stage.Server.CallsInFlight == 0, "the handler has been told and has gone");
    }

    [Fact]
    public async Task A_stream_whose_handler_stops_without_a_word_when_its_time_is_over_does_not_look_whole()
    {
        Needs(CallKinds.ServerStreaming);
        var stage = await OpenAsync();
        stage.Handlers.ServerStream = async (item, writer, context) =>
        {
            await writer.WriteAsync(item.Clone());
            var told = new TaskCompletionSource();
            context.CancellationToken.Register(told.SetResult);
            await told.Task;
        };
        using var call = stage.Calls.ServerStream(new Item(), deadline: In(TimeSpan.FromSeconds(1)));
        Assert.True(await call.ResponseStream.MoveNext(default).Soon());
        await Wait.FailsAsync(StatusCode.DeadlineExceeded, () => call.ResponseStream.MoveNext(default));
        Assert.Equal(StatusCode.DeadlineExceeded, call.GetStatus().StatusCode);
    }

    [Fact]
    public async Task A_handler_that_is_slow_to_stop_holds_up_only_itself()
    {
        var stage = await OpenAsync();
        // Connecting is not what the short deadline is for.
        await stage.Client.ConnectAsync(CancellationToken.None).Soon();
        using var release = new ManualResetEventSlim();
        var answer = new TaskCompletionSource<Item>();
        stage.Handlers.Unary = (_, context) =>
        {
            context.CancellationToken.Register(release.Wait);
            return answer.Task;
        };
        using var mayCancel = new CancellationTokenSource();
        try
        {
            await Wait.FailsAsync(
                StatusCode.DeadlineExceeded, () => stage.Calls.UnaryAsync(new Item(), deadline: In(Short), cancellationToken: mayCancel.Token).ResponseAsync);
        }
        finally
        {
            release.Set();
            answer.SetResult(new Item());
        }
        await Wait.UntilAsync(() => stage.Server.CallsInFlight == 0, "the late handler has gone");
    }

    [Fact]
    public async Task A_caller_that_stalls_is_given_up()
    {
        Needs(CallKinds.ClientStreaming);
        var stage = await OpenAsync();
        using var call = stage.Calls.ClientStream(deadline: In(Short));
        await call.RequestStream.WriteAsync(new Item()).Soon();
        await Wait.FailsAsync(StatusCode.DeadlineExceeded, () => call.ResponseAsync);
        await Wait.UntilAsync(() => stage.Server.CallsInFlight == 0, "the handler has been told and has gone");
    }

    [Fact]
    public async Task Who_sets_no_deadline_has_the_contracts()
    {
        var stage = await OpenAsync();
        stage.Handlers.Unary = async (item, context) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.CancellationToken);
            return item;
        };
        await Wait.FailsAsync(StatusCode.DeadlineExceeded, () => stage.Calls.BriefAsync(new Item()).ResponseAsync);
    }

    [Fact]
    public async Task Who_sets_a_deadline_has_that_one()
    {
        var stage = await OpenAsync();
        var left = TimeSpan.Zero;
        stage.Handlers.Unary = (item, context) =>
        {
            left = context.Deadline - TimeProvider.System.GetUtcNow().UtcDateTime;
            return Task.FromResult(item.Clone());
        };
        await stage.Calls.BriefAsync(new Item(), deadline: In(TimeSpan.FromSeconds(60))).ResponseAsync.Soon();
        Assert.InRange(left, TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(61));
    }

    [Fact]
    public async Task A_contract_that_says_nothing_gives_ten_seconds()
    {
        var stage = await OpenAsync();
        var left = TimeSpan.Zero;
        stage.Handlers.Unary = (item, context) =>
        {
            left = context.Deadline - TimeProvider.System.GetUtcNow().UtcDateTime;
            return Task.FromResult(item.Clone());
        };
        await stage.Plain.AskAsync(new Item()).ResponseAsync.Soon();
        Assert.InRange(left, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(11));
    }

    [Fact]
    public async Task The_deadline_means_the_same_moment_in_local_time()
    {
        var stage = await OpenAsync();
        var left = TimeSpan.Zero;
        stage.Handlers.Unary = (item, context) =>
        {
            left = context.Deadline - TimeProvider.System.GetUtcNow().UtcDateTime;
            return Task.FromResult(item.Clone());
        };
        await stage.Calls.UnaryAsync(new Item(), deadline: In(TimeSpan.FromSeconds(60)).ToLocalTime()).ResponseAsync.Soon();
        Assert.InRange(left, TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(61));
    }

    [Fact]
    public async Task A_deadline_that_names_no_time_zone_is_in_UTC()
    {
        var stage = await OpenAsync();
        var left = TimeSpan.Zero;
        stage.Handlers.Unary = (item, context) =>
        {
            left = context.Deadline - TimeProvider.System.GetUtcNow().UtcDateTime;
            return Task.FromResult(item.Clone());
        };
        var deadline = DateTime.SpecifyKind(In(TimeSpan.FromSeconds(60)), DateTimeKind.Unspecified);
        await stage.Calls.UnaryAsync(new Item(), deadline: deadline).ResponseAsync.Soon();
        Assert.InRange(left, TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(61));
        if (Carries(CallKinds.ServerStreaming))
        {
            using var call = stage.Calls.ServerStream(new Item { Number = 1 }, deadline: deadline);
            await call.ResponseStream.ToListAsync();
        }
    }

    [Fact]
    public async Task Many_deadlines_pass_each_in_its_own_time()
    {
        var stage = await OpenAsync();
        var release = new TaskCompletionSource();
        stage.Handlers.Unary = async (item, _) =>
        {
            await release.Task;
            return item.Clone();
        };
        var impatient = Enumerable.Range(0, 100).Select(_ => stage.Calls.UnaryAsync(new Item(), deadline: In(Short)).ResponseAsync).ToList();
        var patient = Enumerable.Range(0, 100).Select(i => stage.Calls.UnaryAsync(new Item { Number = i }).ResponseAsync).ToList();
        foreach (var call in impatient)
        {
            await Wait.FailsAsync(StatusCode.DeadlineExceeded, () => call);
        }
        release.SetResult();
        Assert.Equal(Enumerable.Range(0, 100), (await Task.WhenAll(patient).Soon()).Select(i => i.Number));
    }
}
