using System.Collections.Concurrent;
using Anywire.Identity;
using Grpc.Core;

namespace Anywire.Conformance;

public abstract partial class ConformanceSuite
{
    [Fact]
    public async Task At_least_once_completes_when_the_handler_has()
    {
        SkipUnless(Wire.Traits.AtLeastOnce == Acknowledgement.Handled, $"over {Wire.Traits.Name} the broker answers, not the handler");
        var stage = await OpenAsync();
        var (release, entered) = (new TaskCompletionSource(), new TaskCompletionSource());
        stage.Handlers.Event = async (_, _) =>
        {
            entered.SetResult();
            await release.Task;
        };
        var call = stage.Calls.AtLeastOnceAsync(new Item()).ResponseAsync;
        await entered.Task.Soon();
        Assert.False(call.IsCompleted);
        release.SetResult();
        await call.Soon();
    }

    [Fact]
    public async Task At_least_once_tells_of_a_failure_and_tries_again_what_may_pass()
    {
        SkipUnless(Wire.Traits.AtLeastOnce == Acknowledgement.Handled, $"over {Wire.Traits.Name} the broker answers, not the handler");
        var stage = await OpenAsync();
        var ran = 0;
        stage.Handlers.Event = (item, _) => Interlocked.Increment(ref ran) <= item.Number
            ? throw new RpcException(new Status(StatusCode.Unavailable, "In a moment."))
            : Task.CompletedTask;
        await stage.Calls.AtLeastOnceAsync(new Item { Number = 2 }).ResponseAsync.Soon();
        Assert.Equal(3, ran);
        stage.Handlers.Event = (_, _) => throw RpcErrors.InvalidArgument("number", "WRONG", "Never.");
        var error = await Wait.FailsAsync(StatusCode.InvalidArgument, () => stage.Calls.AtLeastOnceAsync(new Item()).ResponseAsync);
        Assert.Equal("WRONG", error.Violation()?.Reason);
    }

    [Fact]
    public async Task At_least_once_completes_when_the_broker_has_it()
    {
        NeedsBroker();
        var stage = await OpenAsync();
        var (release, handled) = (new TaskCompletionSource(), new TaskCompletionSource<(int Number, string? Peer, DateTimeOffset? AcceptedAt)>());
        stage.Handlers.Event = async (item, context) =>
        {
            await release.Task;
            handled.SetResult((item.Number, PeerIdentity.NameOf(context), ((IHeldCall)context).AcceptedAt));
        };
        var before = TimeProvider.System.GetUtcNow();
        await stage.Calls.AtLeastOnceAsync(new Item { Number = 7 }).ResponseAsync.Soon();
        release.SetResult();
        var (number, peer, acceptedAt) = await handled.Task.Soon();
        Assert.Equal((7, "tester"), (number, peer));
        Assert.InRange(acceptedAt!.Value, before.AddMilliseconds(-1), TimeProvider.System.GetUtcNow());
    }

    [Fact]
    public async Task At_least_once_is_tried_until_it_was_handled()
    {
        NeedsBroker();
        var stage = await OpenAsync();
        var (ran, handled) = (0, new TaskCompletionSource());
        stage.Handlers.Event = (_, _) =>
        {
            if (Interlocked.Increment(ref ran) < 3)
            {
                throw new RpcException(new Status(StatusCode.Unavailable, "In a moment."));
            }
            handled.SetResult();
            return Task.CompletedTask;
        };
        await stage.Calls.AtLeastOnceAsync(new Item()).ResponseAsync.Soon();
        await handled.Task.Soon();
        Assert.Equal(3, await Wait.UntilStillAsync(() => ran));
        Assert.Empty(stage.DeadLetters);
    }

    [Fact]
    public async Task At_least_once_that_never_can_be_handled_becomes_a_dead_letter_and_the_rest_keeps_moving()
    {
        NeedsBroker();
        var stage = await OpenAsync();
        var handled = new TaskCompletionSource<int>();
        stage.Handlers.Event = (item, _) =>
        {
            if (item.Number == 1)
            {
                throw RpcErrors.InvalidArgument("number", "WRONG", "One is no number for it.");
            }
            handled.SetResult(item.Number);
            return Task.CompletedTask;
        };
        await stage.Calls.AtLeastOnceAsync(new Item { Number = 1 }, new Metadata { { EventMetadata.IdKey, "tester-1" } }).ResponseAsync.Soon();
        await stage.Calls.AtLeastOnceAsync(new Item { Number = 2 }).ResponseAsync.Soon();
        Assert.Equal(2, await handled.Task.Soon());
        await Wait.UntilAsync(() => !stage.DeadLetters.IsEmpty, "it is given up");
        var letter = Assert.Single(stage.DeadLetters);
        Assert.Equal(("tester", "/anywire.conformance.Calls/AtLeastOnce", "tester-1"), (letter.Sender, letter.Method, letter.EventId));
        Assert.Contains("One is no number for it.", letter.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task At_least_once_waits_for_a_handler_that_is_away()
    {
        NeedsBroker();
        var stage = await OpenAsync();
        await stage.Server.StopAsync(CancellationToken.None);
        var handled = new ConcurrentQueue<int>();
        stage.Handlers.Event = (item, _) =>
        {
            handled.Enqueue(item.Number);
            return Task.CompletedTask;
        };
        await Task.WhenAll(Enumerable.Range(0, 50).Select(n => stage.Calls.AtLeastOnceAsync(new Item { Number = n }).ResponseAsync)).Soon();
        Assert.Empty(handled);
        await stage.ListenAsync();
        await Wait.UntilAsync(() => handled.Count >= 50, "all were handled");
        Assert.Equal(Enumerable.Range(0, 50), handled.Order());
    }

    [Fact]
    public async Task At_least_once_fails_as_not_executed_when_no_broker_keeps_it()
    {
        NeedsBroker();
        var stage = await OpenAsync(new StageOptions { Listening = false, Retry = new RetryOptions { MaxAttempts = 1 } });
        // Nobody has ever listened here: there is nothing that could keep it.
        var error = await Wait.FailsAsync(StatusCode.Unavailable, () => stage.Calls.AtLeastOnceAsync(new Item()).ResponseAsync);
        Assert.True(NotExecuted.IsMarked(error));
    }

    private void NeedsBroker() => SkipUnless(Wire.Traits.AtLeastOnce == Acknowledgement.Accepted, $"over {Wire.Traits.Name} the handler answers");

    [Fact]
    public async Task Best_effort_returns_at_once()
    {
        var stage = await OpenAsync();
        var (release, handled) = (new TaskCompletionSource(), new TaskCompletionSource<int>());
        stage.Handlers.Event = async (item, _) =>
        {
            await release.Task;
            handled.SetResult(item.Number);
        };
        var call = stage.Calls.BestEffortAsync(new Item { Number = 5 });
        Assert.True(call.ResponseAsync.IsCompletedSuccessfully);
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
        call.Dispose();
        release.SetResult();
        Assert.Equal(5, await handled.Task.Soon());
    }

    [Fact]
    public async Task Best_effort_messages_arrive_once_and_in_process_in_order()
    {
        var stage = await OpenAsync();
        var arrived = new ConcurrentQueue<int>();
        stage.Handlers.Event = async (item, _) =>
        {
            await Task.Yield();
            arrived.Enqueue(item.Number);
        };
        for (var i = 0; i < 500; i++)
        {
            await stage.Calls.BestEffortAsync(new Item { Number = i }).ResponseAsync;
        }
        await Wait.UntilAsync(() => arrived.Count >= 500, "all have arrived");
        // Over a wire several are under way at once; it is the receiver who orders by what the messages say.
        Assert.Equal(Enumerable.Range(0, 500), Wire.Traits.SharesMemory ? arrived : arrived.Order());
    }

    [Fact]
    public async Task A_best_effort_message_is_sent_as_it_was_when_it_was_given()
    {
        SkipUnless(!Wire.Traits.SharesMemory, "messages are handed over: neither side may change one afterwards");
        var stage = await OpenAsync();
        var arrived = new ConcurrentQueue<(int, string?)>();
        stage.Handlers.Event = (item, context) =>
        {
            arrived.Enqueue((item.Number, context.RequestHeaders.GetValue("number")));
            return Task.CompletedTask;
        };
        var (again, entry) = (new Item(), new Metadata());
        for (var i = 0; i < 500; i++)
        {
            again.Number = i;
            entry.Clear();
            entry.Add("number", $"{i}");
            await stage.Calls.BestEffortAsync(again, entry).ResponseAsync;
        }
        await Wait.UntilAsync(() => arrived.Count >= 500, "all have arrived");
        Assert.Equal(Enumerable.Range(0, 500).Select(i => (i, (string?)$"{i}")), arrived.Order());
    }

    [Fact]
    public async Task A_full_best_effort_queue_drops_the_newest_and_counts_them()
    {
        SkipUnless(Wire.Traits.AnswersBestEffort, $"over {Wire.Traits.Name} a best-effort message is not answered: a slow handler does not fill its caller's queue");
        var stage = await OpenAsync(new StageOptions { ClientLimits = new ServerLimits { BestEffortQueue = 4 } });
        using var dropped = new Counted("anywire.best_effort.dropped");
        var (release, arrived) = (new TaskCompletionSource(), new ConcurrentQueue<int>());
        stage.Handlers.Event = async (item, _) =>
        {
            arrived.Enqueue(item.Number);
            await release.Task;
        };
        var sent = 0;
        var gone = new List<int>();
        void Send()
        {
            var before = dropped.Own;
            _ = stage.Calls.BestEffortAsync(new Item { Number = sent }).ResponseAsync;
            if (dropped.Own > before)
            {
                gone.Add(sent);
            }
            sent++;
        }
        var underWay = Wire.Traits.SharesMemory ? 1 : 16;
        await Wait.UntilAsync(
            () =>
            {
                Send();
                return arrived.Count == underWay;
            },
            "as many are under way as may be");
        // Now there is the queue and nothing else, and it holds fewer.
        for (var i = 0; i < 10; i++)
        {
            Send();
        }
        Assert.InRange(gone.Count, 1, sent - underWay - 4);
        release.SetResult();
        await Wait.UntilAsync(() => arrived.Count + dropped.Own == sent, "all that were not dropped have arrived");
        Assert.Contains(0, arrived);
        Assert.Empty(arrived.Intersect(gone));
    }

    [Fact]
    public async Task A_best_effort_failure_is_nobodys_business_but_the_meters()
    {
        var stage = await OpenAsync(new StageOptions { Listening = false });
        using var dropped = new Counted("anywire.best_effort.dropped");
        await stage.Calls.BestEffortAsync(new Item()).ResponseAsync.Soon();
        await Wait.UntilAsync(() => dropped.All > 0, "it is counted");
        await stage.ListenAsync();
        var arrived = new ConcurrentQueue<int>();
        stage.Handlers.Event = (item, _) =>
        {
            arrived.Enqueue(item.Number);
            return item.Number == 1 ? throw new InvalidOperationException(Secret) : Task.CompletedTask;
        };
        await using var client = stage.Connect("tester");
        await new Calls.CallsClient(client.Invoker).BestEffortAsync(new Item { Number = 1 }).ResponseAsync.Soon();
        await new Calls.CallsClient(client.Invoker).BestEffortAsync(new Item { Number = 2 }).ResponseAsync.Soon();
        await Wait.UntilAsync(() => arrived.Count == 2, "both have arrived");
    }

    [Fact]
    public async Task Closing_the_client_still_sends_what_waits()
    {
        var stage = await OpenAsync();
        var arrived = new ConcurrentQueue<int>();
        stage.Handlers.Event = async (item, _) =>
        {
            await Task.Yield();
            arrived.Enqueue(item.Number);
        };
        var client = stage.Connect("passing-by");
        // Connecting is not what the time that closing takes is for.
        await client.ConnectAsync(CancellationToken.None).Soon();
        for (var i = 0; i < 100; i++)
        {
            await new Calls.CallsClient(client.Invoker).BestEffortAsync(new Item { Number = i }).ResponseAsync;
        }
        await client.DisposeAsync().AsTask().Soon();
        if (!Wire.Traits.AnswersBestEffort)
        {
            // Closing has waited until they were on their way.
            await Wait.UntilAsync(() => arrived.Count == 100, "all have arrived");
        }
        Assert.Equal(Enumerable.Range(0, 100), arrived.Order());
    }
}
