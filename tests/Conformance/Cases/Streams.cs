using Google.Protobuf;
using Grpc.Core;

namespace Anywire.Conformance;

public abstract partial class ConformanceSuite
{
    [Theory, InlineData(0), InlineData(1), InlineData(10_000)]
    public async Task A_server_stream_arrives_whole_and_in_order(int count)
    {
        Needs(CallKinds.ServerStreaming);
        var stage = await OpenAsync();
        stage.Handlers.ServerStream = async (item, writer, _) =>
        {
            for (var i = 0; i < item.Number; i++)
            {
                await writer.WriteAsync(new Item { Number = i });
            }
        };
        using var call = stage.Calls.ServerStream(new Item { Number = count });
        Assert.Equal(Enumerable.Range(0, count), (await call.ResponseStream.ToListAsync()).Select(i => i.Number));
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
    }

    [Theory, InlineData(0), InlineData(1), InlineData(10_000)]
    public async Task A_client_stream_arrives_whole_and_in_order(int count)
    {
        Needs(CallKinds.ClientStreaming);
        var stage = await OpenAsync();
        var arrived = new List<int>();
        stage.Handlers.ClientStream = async (reader, _) =>
        {
            while (await reader.MoveNext(default))
            {
                arrived.Add(reader.Current.Number);
            }
            return new Item { Number = arrived.Count };
        };
        using var call = stage.Calls.ClientStream();
        for (var i = 0; i < count; i++)
        {
            await call.RequestStream.WriteAsync(new Item { Number = i }).Soon();
        }
        await call.RequestStream.CompleteAsync().Soon();
        Assert.Equal(count, (await call.ResponseAsync.Soon()).Number);
        Assert.Equal(Enumerable.Range(0, count), arrived);
    }

    [Theory, InlineData(0), InlineData(1), InlineData(10_000)]
    public async Task A_duplex_stream_echoes_whole_and_in_order(int count)
    {
        Needs(CallKinds.DuplexStreaming);
        var stage = await OpenAsync();
        using var call = stage.Calls.Duplex();
        var writing = Task.Run(async () =>
        {
            for (var i = 0; i < count; i++)
            {
                await call.RequestStream.WriteAsync(new Item { Number = i });
            }
            await call.RequestStream.CompleteAsync();
        });
        Assert.Equal(Enumerable.Range(0, count), (await call.ResponseStream.ToListAsync()).Select(i => i.Number));
        await writing.Soon();
    }

    [Fact]
    public async Task Both_sides_of_a_duplex_stream_may_take_turns()
    {
        Needs(CallKinds.DuplexStreaming);
        var stage = await OpenAsync();
        using var call = stage.Calls.Duplex();
        for (var i = 0; i < 200; i++)
        {
            await call.RequestStream.WriteAsync(new Item { Number = i }).Soon();
            Assert.True(await call.ResponseStream.MoveNext(default).Soon());
            Assert.Equal(i, call.ResponseStream.Current.Number);
        }
        await call.RequestStream.CompleteAsync().Soon();
        Assert.False(await call.ResponseStream.MoveNext(default).Soon());
    }

    [Fact]
    public async Task A_handler_may_answer_only_after_the_last_request()
    {
        Needs(CallKinds.DuplexStreaming);
        var stage = await OpenAsync();
        stage.Handlers.Duplex = async (reader, writer, _) =>
        {
            var sum = 0;
            while (await reader.MoveNext(default))
            {
                sum += reader.Current.Number;
            }
            await writer.WriteAsync(new Item { Number = sum });
        };
        using var call = stage.Calls.Duplex();
        for (var i = 1; i <= 100; i++)
        {
            await call.RequestStream.WriteAsync(new Item { Number = i }).Soon();
        }
        await call.RequestStream.CompleteAsync().Soon();
        Assert.Equal(5050, Assert.Single(await call.ResponseStream.ToListAsync()).Number);
    }

    [Fact]
    public async Task A_handler_may_speak_before_it_listens()
    {
        Needs(CallKinds.DuplexStreaming);
        var stage = await OpenAsync();
        stage.Handlers.Duplex = async (reader, writer, _) =>
        {
            await writer.WriteAsync(new Item { Text = "hello" });
            Assert.True(await reader.MoveNext(default));
            await writer.WriteAsync(new Item { Text = "bye " + reader.Current.Text });
        };
        using var call = stage.Calls.Duplex();
        Assert.True(await call.ResponseStream.MoveNext(default).Soon());
        await call.RequestStream.WriteAsync(new Item { Text = call.ResponseStream.Current.Text }).Soon();
        Assert.True(await call.ResponseStream.MoveNext(default).Soon());
        Assert.Equal("bye hello", call.ResponseStream.Current.Text);
        Assert.False(await call.ResponseStream.MoveNext(default).Soon());
    }

    [Fact]
    public async Task A_handler_may_end_a_duplex_stream_before_its_caller_has()
    {
        Needs(CallKinds.DuplexStreaming);
        var stage = await OpenAsync();
        stage.Handlers.Duplex = async (reader, writer, _) =>
        {
            Assert.True(await reader.MoveNext(default));
            await writer.WriteAsync(reader.Current.Clone());
        };
        using var call = stage.Calls.Duplex();
        await call.RequestStream.WriteAsync(new Item { Number = 7 }).Soon();
        Assert.Equal(7, Assert.Single(await call.ResponseStream.ToListAsync()).Number);
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
        // Nobody reads any more: writing ends with an error, it does not hang.
        var ended = await Record.ExceptionAsync(async () =>
        {
            for (var i = 0; i < 10_000; i++)
            {
                await call.RequestStream.WriteAsync(new Item { Body = ByteString.CopyFrom(new byte[1024]) }).Soon();
            }
        });
        Assert.True(ended is RpcException or InvalidOperationException, $"Writing ended with {ended}.");
    }

    [Fact]
    public async Task A_handler_may_answer_a_client_stream_before_its_end()
    {
        Needs(CallKinds.ClientStreaming);
        var stage = await OpenAsync();
        stage.Handlers.ClientStream = async (reader, _) =>
        {
            Assert.True(await reader.MoveNext(default));
            return reader.Current.Clone();
        };
        using var call = stage.Calls.ClientStream();
        await call.RequestStream.WriteAsync(new Item { Number = 3 }).Soon();
        Assert.Equal(3, (await call.ResponseAsync.Soon()).Number);
    }

    [Fact]
    public async Task A_failure_comes_after_the_messages_before_it()
    {
        Needs(CallKinds.ServerStreaming);
        var stage = await OpenAsync();
        stage.Handlers.ServerStream = async (_, writer, _) =>
        {
            for (var i = 0; i < 20; i++)
            {
                await writer.WriteAsync(new Item { Number = i });
            }
            throw new RpcException(new Status(StatusCode.OutOfRange, "There are only twenty."));
        };
        using var call = stage.Calls.ServerStream(new Item());
        for (var i = 0; i < 20; i++)
        {
            Assert.True(await call.ResponseStream.MoveNext(default).Soon());
            Assert.Equal(i, call.ResponseStream.Current.Number);
        }
        await Wait.FailsAsync(StatusCode.OutOfRange, () => call.ResponseStream.MoveNext(default));
    }

    [Fact]
    public async Task A_slow_reader_of_replies_holds_the_handler_back()
    {
        Needs(CallKinds.ServerStreaming);
        var stage = await OpenAsync();
        const int Count = 10_000;
        var written = 0;
        var body = ByteString.CopyFrom(new byte[16 * 1024]);
        stage.Handlers.ServerStream = async (_, writer, _) =>
        {
            for (; Volatile.Read(ref written) < Count; Interlocked.Increment(ref written))
            {
                await writer.WriteAsync(new Item { Number = written, Body = body });
            }
        };
        using var call = stage.Calls.ServerStream(new Item());
        Assert.True(await call.ResponseStream.MoveNext(default).Soon());
        var ahead = await Wait.UntilStillAsync(() => Volatile.Read(ref written));
        Assert.True(ahead < Count / 10, $"The handler was {ahead:N0} messages of 16 KiB ahead of a reader that had read one.");
        for (var i = 1; i < Count; i++)
        {
            Assert.True(await call.ResponseStream.MoveNext(default).Soon());
            Assert.Equal(i, call.ResponseStream.Current.Number);
        }
        Assert.False(await call.ResponseStream.MoveNext(default).Soon());
    }

    [Fact]
    public async Task A_slow_reader_of_requests_holds_the_caller_back()
    {
        Needs(CallKinds.ClientStreaming);
        var stage = await OpenAsync();
        const int Count = 10_000;
        var (release, written) = (new TaskCompletionSource(), 0);
        var read = stage.Handlers.ClientStream;
        stage.Handlers.ClientStream = async (reader, context) =>
        {
            await release.Task;
            return await read(reader, context);
        };
        var body = ByteString.CopyFrom(new byte[16 * 1024]);
        using var call = stage.Calls.ClientStream();
        var writing = Task.Run(async () =>
        {
            for (; Volatile.Read(ref written) < Count; Interlocked.Increment(ref written))
            {
                await call.RequestStream.WriteAsync(new Item { Number = written, Body = body });
            }
            await call.RequestStream.CompleteAsync();
        });
        var ahead = await Wait.UntilStillAsync(() => Volatile.Read(ref written));
        Assert.True(ahead < Count / 10, $"The caller was {ahead:N0} messages of 16 KiB ahead of a handler that had read none.");
        release.SetResult();
        Assert.Equal(Count, (await call.ResponseAsync.Soon()).Number);
        await writing.Soon();
    }

    [Fact]
    public async Task A_stream_that_nobody_reads_holds_up_no_other_call()
    {
        Needs(CallKinds.ServerStreaming);
        var stage = await OpenAsync();
        var body = ByteString.CopyFrom(new byte[16 * 1024]);
        stage.Handlers.ServerStream = async (_, writer, context) =>
        {
            while (!context.CancellationToken.IsCancellationRequested)
            {
                await writer.WriteAsync(new Item { Body = body });
            }
        };
        using var stalled = stage.Calls.ServerStream(new Item());
        Assert.True(await stalled.ResponseStream.MoveNext(default).Soon());
        for (var i = 0; i < 100; i++)
        {
            Assert.Equal(i, (await stage.Calls.UnaryAsync(new Item { Number = i }).ResponseAsync.Soon()).Number);
        }
    }

    [Fact]
    public async Task Writing_after_completing_is_refused()
    {
        Needs(CallKinds.ClientStreaming);
        var stage = await OpenAsync();
        using var call = stage.Calls.ClientStream();
        await call.RequestStream.CompleteAsync().Soon();
        var error = await Record.ExceptionAsync(() => call.RequestStream.WriteAsync(new Item()).Soon());
        Assert.True(error is InvalidOperationException or RpcException, $"Writing ended with {error}.");
        await call.ResponseAsync.Soon();
    }
}
