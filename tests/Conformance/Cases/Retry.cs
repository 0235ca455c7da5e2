using Grpc.Core;

namespace Anywire.Conformance;

public abstract partial class ConformanceSuite
{
    [Fact]
    public async Task An_idempotent_call_is_tried_again_when_the_service_is_unavailable()
    {
        var stage = await OpenAsync();
        var ran = FailFirst(stage, 2, StatusCode.Unavailable);
        using var call = stage.Calls.IdempotentAsync(new Item { Number = 7 });
        Assert.Equal("3", (await call.ResponseHeadersAsync.Soon()).GetValue("attempt"));
        Assert.Equal(7, (await call.ResponseAsync.Soon()).Number);
        Assert.Equal(3, ran());
        Assert.Equal("3", call.GetTrailers().GetValue("attempt"));
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
    }

    [Fact]
    public async Task A_call_that_is_not_idempotent_is_not_tried_again()
    {
        var stage = await OpenAsync();
        var ran = FailFirst(stage, 1, StatusCode.Unavailable);
        await Wait.FailsAsync(StatusCode.Unavailable, () => stage.Calls.UnaryAsync(new Item()).ResponseAsync);
        Assert.Equal(1, ran());
    }

    public static TheoryData<StatusCode> FinalCodes => [.. Enum.GetValues<StatusCode>().Where(c => c is not (StatusCode.OK or StatusCode.Unavailable))];

    [Theory, MemberData(nameof(FinalCodes))]
    public async Task An_answer_is_not_asked_for_again(StatusCode code)
    {
        var stage = await OpenAsync();
        var ran = FailFirst(stage, 1, code);
        await Wait.FailsAsync(code, () => stage.Calls.IdempotentAsync(new Item()).ResponseAsync);
        Assert.Equal(1, ran());
    }

    [Fact]
    public async Task Attempts_come_to_an_end()
    {
        var stage = await OpenAsync(new StageOptions { Retry = new RetryOptions { MaxAttempts = 3, BaseDelay = TimeSpan.FromMilliseconds(1) } });
        var ran = FailFirst(stage, int.MaxValue, StatusCode.Unavailable);
        await Wait.FailsAsync(StatusCode.Unavailable, () => stage.Calls.IdempotentAsync(new Item()).ResponseAsync);
        Assert.Equal(3, ran());
    }

    [Fact]
    public async Task A_call_that_was_not_executed_is_tried_again_whatever_it_does()
    {
        var stage = await OpenAsync(new StageOptions
        {
            Listening = false,
            Retry = new RetryOptions { MaxAttempts = 10_000, BaseDelay = TimeSpan.FromMilliseconds(5), MaxDelay = TimeSpan.FromMilliseconds(20), BudgetReserve = 10_000 },
        });
        var ran = FailFirst(stage, 0, StatusCode.OK);
        using var retries = new Counted("anywire.client.retries");
        var call = stage.Calls.UnaryAsync(new Item { Number = 1 }).ResponseAsync;
        await Wait.UntilAsync(() => retries.Own > 0, "it has been tried again");
        Assert.False(call.IsCompleted);
        await stage.ListenAsync();
        Assert.Equal(1, (await call.Soon()).Number);
        Assert.Equal(1, ran());
    }

    [Fact]
    public async Task A_handler_cannot_have_its_own_call_executed_twice()
    {
        var stage = await OpenAsync();
        var ran = 0;
        stage.Handlers.Unary = (_, _) =>
        {
            Interlocked.Increment(ref ran);
            // What a careless handler may pass on from a call of its own.
            throw NotExecuted.Because("unreachable", "Not me, but whom I asked.");
        };
        await Wait.FailsAsync(StatusCode.Unavailable, () => stage.Calls.UnaryAsync(new Item()).ResponseAsync);
        Assert.Equal(1, ran);
    }

    [Theory]
    [InlineData(true, StatusCode.Unavailable), InlineData(true, StatusCode.FailedPrecondition)]
    [InlineData(false, StatusCode.Unavailable), InlineData(false, StatusCode.FailedPrecondition)]
    public async Task A_handler_that_passes_on_the_trailers_of_a_call_of_its_own_is_executed_once(bool isThrown, StatusCode code)
    {
        var stage = await OpenAsync();
        var ran = 0;
        stage.Handlers.Unary = (_, context) =>
        {
            Interlocked.Increment(ref ran);
            foreach (var trailer in NotExecuted.Because("unreachable", "Not me, but whom I asked.").Trailers)
            {
                context.ResponseTrailers.Add(trailer);
            }
            context.ResponseTrailers.Add("other", "stays");
            var status = new Status(code, "It does not go.");
            context.Status = isThrown ? context.Status : status;
            return isThrown ? throw new RpcException(status) : Task.FromResult(new Item());
        };
        using var call = stage.Calls.UnaryAsync(new Item());
        var error = await Wait.FailsAsync(code, () => call.ResponseAsync);
        Assert.Equal(1, ran);
        Assert.False(NotExecuted.IsMarked(error));
        Assert.Equal("stays", call.GetTrailers().GetValue("other"));
    }

    [Fact]
    public async Task A_call_of_which_one_attempt_may_have_been_executed_is_not_marked()
    {
        var stage = await OpenAsync(new StageOptions { Retry = new RetryOptions { MaxAttempts = 3, BaseDelay = TimeSpan.FromMilliseconds(1) } });
        var (ran, stopping) = (0, Task.CompletedTask);
        stage.Handlers.Unary = (_, _) =>
        {
            Interlocked.Increment(ref ran);
            // Whoever comes next is refused.
            stopping = stage.Server.StopAsync(CancellationToken.None);
            throw new RpcException(new Status(StatusCode.Unavailable, "Not now."));
        };
        using var call = stage.Calls.IdempotentAsync(new Item());
        var error = await Wait.FailsAsync(StatusCode.Unavailable, () => call.ResponseAsync);
        Assert.Equal(1, ran);
        Assert.NotEqual("Not now.", error.Status.Detail);
        Assert.False(NotExecuted.IsMarked(error));
        Assert.Null(call.GetTrailers().Get(NotExecuted.TrailerKey));
        await stopping.Soon();
    }

    [Fact]
    public async Task Trying_again_ends_with_the_deadline()
    {
        var stage = await OpenAsync(new StageOptions
        {
            Retry = new RetryOptions { MaxAttempts = 100_000, BaseDelay = TimeSpan.FromMilliseconds(10), MaxDelay = TimeSpan.FromMilliseconds(10), BudgetReserve = 100_000 },
        });
        FailFirst(stage, int.MaxValue, StatusCode.Unavailable);
        var error = await Wait.FailsAsync(() => stage.Calls.IdempotentAsync(new Item(), deadline: In(Short)).ResponseAsync);
        Assert.True(error.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded, $"It failed with {error.StatusCode}.");
    }

    [Fact]
    public async Task A_storm_adds_a_tenth_at_most()
    {
        const int Count = 1_000;
        var stage = await OpenAsync(new StageOptions { Retry = new RetryOptions { BaseDelay = TimeSpan.FromMilliseconds(1) } });
        var ran = FailFirst(stage, int.MaxValue, StatusCode.Unavailable);
        var calls = Enumerable.Range(0, Count).Select(_ => stage.Calls.IdempotentAsync(new Item()).ResponseAsync).ToList();
        foreach (var call in calls)
        {
            await Wait.FailsAsync(StatusCode.Unavailable, () => call);
        }
        var reserve = new RetryOptions().BudgetReserve;
        Assert.InRange(ran(), Count + 1, Count + (Count / 10) + reserve);
    }

    [Fact]
    public async Task Cancelling_ends_the_wait_before_the_next_attempt()
    {
        var stage = await OpenAsync(new StageOptions { Retry = new RetryOptions { BaseDelay = TimeSpan.FromDays(1), MaxDelay = TimeSpan.FromDays(1) } });
        var ran = FailFirst(stage, int.MaxValue, StatusCode.Unavailable);
        using var cancel = new CancellationTokenSource();
        using var call = stage.Calls.IdempotentAsync(new Item(), deadline: In(TimeSpan.FromDays(30)), cancellationToken: cancel.Token);
        await Wait.UntilAsync(() => ran() == 1, "the first attempt has failed");
        await cancel.CancelAsync();
        await Wait.FailsAsync(StatusCode.Cancelled, () => call.ResponseAsync);
        Assert.Equal(StatusCode.Cancelled, call.GetStatus().StatusCode);
        var disposed = stage.Calls.IdempotentAsync(new Item(), deadline: In(TimeSpan.FromDays(30)));
        await Wait.UntilAsync(() => ran() == 2, "the first attempt of the other has failed");
        disposed.Dispose();
        await Wait.FailsAsync(StatusCode.Cancelled, () => disposed.ResponseAsync);
    }

    [Fact]
    public async Task A_stream_that_has_begun_is_not_tried_again()
    {
        Needs(CallKinds.ServerStreaming);
        var stage = await OpenAsync();
        var ran = 0;
        stage.Handlers.ServerStream = async (item, writer, _) =>
        {
            Interlocked.Increment(ref ran);
            await writer.WriteAsync(item.Clone());
            throw new RpcException(new Status(StatusCode.Unavailable, "Gone."));
        };
        using var call = stage.Calls.ServerStream(new Item());
        Assert.True(await call.ResponseStream.MoveNext(default).Soon());
        await Wait.FailsAsync(StatusCode.Unavailable, () => call.ResponseStream.MoveNext(default));
        Assert.Equal(1, ran);
    }

    /// <summary>The first so many attempts fail; each says which one it was. Gives how many there were.</summary>
    private static Func<int> FailFirst(Stage stage, int failing, StatusCode code)
    {
        var ran = 0;
        stage.Handlers.Unary = async (item, context) =>
        {
            var attempt = Interlocked.Increment(ref ran);
            if (attempt <= failing)
            {
                throw new RpcException(new Status(code, $"Attempt {attempt}."));
            }
            await context.WriteResponseHeadersAsync(new Metadata { { "attempt", $"{attempt}" } });
            context.ResponseTrailers.Add("attempt", $"{attempt}");
            return item.Clone();
        };
        return () => Volatile.Read(ref ran);
    }
}
