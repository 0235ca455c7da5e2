using System.Collections.Concurrent;

namespace Anywire.Conformance;

public abstract partial class ConformanceSuite
{
    [Fact]
    public async Task A_thousand_calls_are_under_way_at_once()
    {
        const int Count = 1_000;
        var stage = await OpenAsync();
        var (entered, all) = (0, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        stage.Handlers.Unary = async (item, _) =>
        {
            // Nobody goes on before everybody has come: only calls that really run at once get through.
            if (Interlocked.Increment(ref entered) == Count)
            {
                all.SetResult();
            }
            await all.Task;
            return new Item { Number = item.Number };
        };
        var calls = Enumerable.Range(0, Count).Select(i => stage.Calls.UnaryAsync(new Item { Number = i }).ResponseAsync).ToList();
        Assert.Equal(Enumerable.Range(0, Count), (await Task.WhenAll(calls).Soon()).Select(i => i.Number));
        await Wait.UntilAsync(() => stage.Server.CallsInFlight == 0, "all have left");
    }

    [Fact]
    public async Task A_hundred_duplex_streams_are_under_way_at_once()
    {
        Needs(CallKinds.DuplexStreaming);
        var stage = await OpenAsync();
        await Task.WhenAll(Enumerable.Range(0, 100).Select(async stream =>
        {
            using var call = stage.Calls.Duplex();
            for (var i = 0; i < 20; i++)
            {
                await call.RequestStream.WriteAsync(new Item { Number = stream * 1_000 + i });
                Assert.True(await call.ResponseStream.MoveNext(default));
                Assert.Equal(stream * 1_000 + i, call.ResponseStream.Current.Number);
            }
            await call.RequestStream.CompleteAsync();
            Assert.False(await call.ResponseStream.MoveNext(default));
        })).Soon();
    }

    [Fact]
    public async Task Calls_of_every_kind_share_the_wire()
    {
        Needs(CallKinds.ServerStreaming);
        var stage = await OpenAsync();
        await Task.WhenAll(Enumerable.Range(0, 50).Select(async i =>
        {
            using var down = stage.Calls.ServerStream(new Item { Number = i });
            var unary = stage.Calls.UnaryAsync(new Item { Number = i }).ResponseAsync;
            if (Carries(CallKinds.ClientStreaming))
            {
                using var up = stage.Calls.ClientStream();
                await up.RequestStream.WriteAsync(new Item());
                await up.RequestStream.CompleteAsync();
                Assert.Equal(1, (await up.ResponseAsync).Number);
            }
            Assert.Equal(i, Assert.Single(await down.ResponseStream.ToListAsync()).Number);
            Assert.Equal(i, (await unary).Number);
        })).Soon();
    }

    [Fact]
    public async Task Blocking_calls_may_come_from_many_threads()
    {
        var stage = await OpenAsync();
        stage.Handlers.Unary = async (item, _) =>
        {
            await Task.Yield();
            return item.Clone();
        };
        var wrong = new ConcurrentQueue<int>();
        await Task.WhenAll(Enumerable.Range(0, 16).Select(thread => OnItsOwnThread(() =>
        {
            for (var i = 0; i < 25; i++)
            {
                if (stage.Calls.Unary(new Item { Number = thread * 100 + i }).Number != thread * 100 + i)
                {
                    wrong.Enqueue(thread);
                }
            }
        }))).Soon();
        Assert.Empty(wrong);
    }

    [Fact]
    public async Task Handlers_that_block_hold_up_no_other_call()
    {
        var stage = await OpenAsync();
        using var release = new ManualResetEventSlim();
        stage.Handlers.Unary = (item, _) =>
        {
            if (item.Text == "block")
            {
                release.Wait();
            }
            return Task.FromResult(item.Clone());
        };
        var blocked = Enumerable.Range(0, 4).Select(_ => OnItsOwnThread(() => stage.Calls.Unary(new Item { Text = "block" }))).ToList();
        await Wait.UntilAsync(() => stage.Server.CallsInFlight == 4, "four handlers block");
        Assert.Equal(1, (await stage.Calls.UnaryAsync(new Item { Number = 1 }).ResponseAsync.Soon()).Number);
        Assert.All(blocked, call => Assert.False(call.IsCompleted));
        release.Set();
        await Task.WhenAll(blocked).Soon();
    }

    [Fact]
    public async Task A_streams_handler_that_blocks_until_it_is_written_to_is_written_to()
    {
        Needs(CallKinds.DuplexStreaming);
        var stage = await OpenAsync();
        stage.Handlers.Duplex = (reader, writer, _) =>
        {
#pragma warning disable VSTHRD002 // To block is the case.
            reader.MoveNext(default).GetAwaiter().GetResult();
            writer.WriteAsync(reader.Current.Clone()).GetAwaiter().GetResult();
#pragma warning restore VSTHRD002
            return Task.CompletedTask;
        };
        var call = await Task.Run(() => stage.Calls.Duplex()).Soon();
        await call.RequestStream.WriteAsync(new Item { Number = 4 }).Soon();
        Assert.Equal(4, Assert.Single(await call.ResponseStream.ToListAsync()).Number);
    }

    [Fact]
    public async Task A_handler_may_call_its_own_service()
    {
        var stage = await OpenAsync();
        stage.Handlers.Unary = async (item, context) => item.Number == 0
            ? new Item { Text = "bottom" }
            : await stage.Calls.UnaryAsync(new Item { Number = item.Number - 1 }, cancellationToken: context.CancellationToken);
        Assert.Equal("bottom", (await stage.Calls.UnaryAsync(new Item { Number = 20 }).ResponseAsync.Soon()).Text);
    }

    private static Task OnItsOwnThread(Action action) =>
        Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
