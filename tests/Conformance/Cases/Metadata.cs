using Grpc.Core;

namespace Anywire.Conformance;

public abstract partial class ConformanceSuite
{
    [Fact]
    public async Task Metadata_reaches_the_handler_as_text_and_as_bytes()
    {
        var stage = await OpenAsync();
        var seen = new TaskCompletionSource<Metadata>();
        stage.Handlers.Unary = (item, context) =>
        {
            seen.SetResult(context.RequestHeaders);
            return Task.FromResult(item.Clone());
        };
        byte[] bytes = [0, 1, 127, 128, 255];
        await stage.Calls.UnaryAsync(new Item(), new Metadata { { "Colour", "blue, green" }, { "blob-bin", bytes } }).ResponseAsync.Soon();
        var headers = await seen.Task.Soon();
        Assert.Equal("blue, green", headers.GetValue("colour"));
        Assert.Equal(bytes, headers.GetValueBytes("blob-bin"));
    }

    [Fact]
    public async Task Repeated_keys_arrive_in_order()
    {
        var stage = await OpenAsync();
        string[] there = [];
        stage.Handlers.Unary = (item, context) =>
        {
            there = ValuesOf(context.RequestHeaders, "step");
            context.ResponseTrailers.Add("back", "1");
            context.ResponseTrailers.Add("back", "2");
            return Task.FromResult(item.Clone());
        };
        using var call = stage.Calls.UnaryAsync(new Item(), new Metadata { { "step", "a" }, { "step", "b" }, { "step", "a" } });
        await call.ResponseAsync.Soon();
        Assert.Equal(["a", "b", "a"], there);
        Assert.Equal(["1", "2"], ValuesOf(call.GetTrailers(), "back"));
    }

    // gRPC lets a wire join the values of a repeated key by commas (PROTOCOL-HTTP2.md, Custom-Metadata).
    private static string[] ValuesOf(global::Grpc.Core.Metadata metadata, string key) =>
        [.. metadata.GetAll(key).SelectMany(e => e.Value.Split(',', StringSplitOptions.TrimEntries))];

    [Fact]
    public async Task Metadata_reaches_the_handler_of_every_kind_of_stream()
    {
        Needs(CallKinds.ServerStreaming);
        var stage = await OpenAsync();
        var seen = new List<string?>();
        stage.Handlers.ServerStream = (_, _, context) => Note(context);
        stage.Handlers.Duplex = (_, _, context) => Note(context);
        stage.Handlers.ClientStream = async (_, context) =>
        {
            await Note(context);
            return new Item();
        };
        var headers = new Metadata { { "who", "me" } };
        using var down = stage.Calls.ServerStream(new Item(), headers);
        await down.ResponseStream.ToListAsync();
        if (Carries(CallKinds.All))
        {
            using var up = stage.Calls.ClientStream(headers);
            await up.RequestStream.CompleteAsync().Soon();
            await up.ResponseAsync.Soon();
            using var both = stage.Calls.Duplex(headers);
            await both.RequestStream.CompleteAsync().Soon();
            await both.ResponseStream.ToListAsync();
        }
        Assert.Equal(Enumerable.Repeat("me", Carries(CallKinds.All) ? 3 : 1), seen);

        Task Note(ServerCallContext context)
        {
            seen.Add(context.RequestHeaders.GetValue("who"));
            return Task.CompletedTask;
        }
    }

    [Theory, InlineData("Käse"), InlineData("日本"), InlineData("one\r\nx: two"), InlineData("nul\0")]
    public async Task Text_beyond_printable_ASCII_arrives_as_it_is_or_fails_its_call(string text)
    {
        var stage = await OpenAsync();
        string? seen = null;
        stage.Handlers.Unary = (item, context) =>
        {
            seen = context.RequestHeaders.GetValue("colour");
            return Task.FromResult(item.Clone());
        };
        try
        {
            await stage.Calls.UnaryAsync(new Item(), new Metadata { { "colour", text } }).ResponseAsync.Soon();
            Assert.Equal(text, seen);
        }
        catch (RpcException error)
        {
            // Its caller's fault, which trying again does not mend: never a matter of the connection.
            Assert.Equal((StatusCode.Internal, null), (error.StatusCode, seen));
        }
        await stage.Calls.UnaryAsync(new Item()).ResponseAsync.Soon();
    }

    [Fact]
    public async Task Response_headers_arrive_before_the_reply()
    {
        var stage = await OpenAsync();
        var release = new TaskCompletionSource();
        stage.Handlers.Unary = async (item, context) =>
        {
            await context.WriteResponseHeadersAsync(new Metadata { { "early", "bird" }, { "worm-bin", new byte[] { 9 } } });
            await release.Task;
            return item.Clone();
        };
        using var call = stage.Calls.UnaryAsync(new Item());
        var headers = await call.ResponseHeadersAsync.Soon();
        Assert.Equal("bird", headers.GetValue("early"));
        Assert.Equal([9], headers.GetValueBytes("worm-bin"));
        Assert.False(call.ResponseAsync.IsCompleted);
        release.SetResult();
        await call.ResponseAsync.Soon();
    }

    [Fact]
    public async Task Response_headers_of_a_stream_arrive_before_its_first_message()
    {
        Needs(CallKinds.DuplexStreaming);
        var stage = await OpenAsync();
        stage.Handlers.Duplex = async (reader, writer, context) =>
        {
            await context.WriteResponseHeadersAsync(new Metadata { { "early", "bird" } });
            while (await reader.MoveNext(default))
            {
                await writer.WriteAsync(reader.Current.Clone());
            }
        };
        using var call = stage.Calls.Duplex();
        Assert.Equal("bird", (await call.ResponseHeadersAsync.Soon()).GetValue("early"));
        await call.RequestStream.WriteAsync(new Item { Number = 1 }).Soon();
        Assert.True(await call.ResponseStream.MoveNext(default).Soon());
        await call.RequestStream.CompleteAsync().Soon();
        Assert.False(await call.ResponseStream.MoveNext(default).Soon());
    }

    [Fact]
    public async Task Response_headers_are_there_though_the_handler_sends_none()
    {
        var stage = await OpenAsync();
        using var call = stage.Calls.UnaryAsync(new Item());
        await call.ResponseAsync.Soon();
        Assert.DoesNotContain(await call.ResponseHeadersAsync.Soon(), e => e.Key == "early");
    }

    [Fact]
    public async Task Response_headers_can_be_sent_only_once()
    {
        var stage = await OpenAsync();
        Exception? second = null;
        stage.Handlers.Unary = async (item, context) =>
        {
            await context.WriteResponseHeadersAsync(new Metadata { { "n", "1" } });
            second = await Record.ExceptionAsync(() => context.WriteResponseHeadersAsync(new Metadata { { "n", "2" } }));
            return item.Clone();
        };
        using var call = stage.Calls.UnaryAsync(new Item());
        await call.ResponseAsync.Soon();
        Assert.IsType<InvalidOperationException>(second);
        Assert.Equal("1", (await call.ResponseHeadersAsync.Soon()).GetValue("n"));
    }

    [Fact]
    public async Task Trailers_come_with_a_success()
    {
        var stage = await OpenAsync();
        stage.Handlers.Unary = (item, context) =>
        {
            context.ResponseTrailers.Add("cost", "3");
            context.ResponseTrailers.Add("proof-bin", [255, 0]);
            return Task.FromResult(item.Clone());
        };
        using var call = stage.Calls.UnaryAsync(new Item());
        await call.ResponseAsync.Soon();
        Assert.Equal("3", call.GetTrailers().GetValue("cost"));
        Assert.Equal([255, 0], call.GetTrailers().GetValueBytes("proof-bin"));
    }

    [Fact]
    public async Task Trailers_come_with_a_failure_both_the_contexts_and_the_errors()
    {
        var stage = await OpenAsync();
        stage.Handlers.Unary = (_, context) =>
        {
            context.ResponseTrailers.Add("of-context", "1");
            throw new RpcException(new Status(StatusCode.Aborted, "no"), new Metadata { { "of-error", "2" }, { "of-error-bin", new byte[] { 3 } } });
        };
        using var call = stage.Calls.UnaryAsync(new Item());
        var error = await Wait.FailsAsync(StatusCode.Aborted, () => call.ResponseAsync);
        Assert.Equal("1", error.Trailers.GetValue("of-context"));
        Assert.Equal("2", error.Trailers.GetValue("of-error"));
        Assert.Equal([3], error.Trailers.GetValueBytes("of-error-bin"));
        Assert.Equal("2", call.GetTrailers().GetValue("of-error"));
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task An_error_that_was_made_with_the_contexts_trailers_brings_them_once(bool goesAsync)
    {
        var stage = await OpenAsync();
        stage.Handlers.Unary = async (item, context) =>
        {
            if (goesAsync)
            {
                await Task.Yield();
            }
            context.ResponseTrailers.Add("cost", "3");
            return item.Text == "ok" ? item.Clone() : throw new RpcException(new Status(StatusCode.Aborted, "no"), context.ResponseTrailers);
        };
        var error = await Wait.FailsAsync(StatusCode.Aborted, () => stage.Calls.UnaryAsync(new Item()).ResponseAsync);
        Assert.Equal("no", error.Status.Detail);
        Assert.Single(error.Trailers, t => t.Key == "cost");
        await stage.Calls.UnaryAsync(new Item { Text = "ok" }).ResponseAsync.Soon();
    }

    [Fact]
    public async Task A_stream_that_fails_with_the_contexts_trailers_brings_them_once()
    {
        Needs(CallKinds.ServerStreaming);
        var stage = await OpenAsync();
        stage.Handlers.ServerStream = async (item, writer, context) =>
        {
            await writer.WriteAsync(item.Clone());
            context.ResponseTrailers.Add("cost", "3");
            throw new RpcException(new Status(StatusCode.Aborted, "no"), context.ResponseTrailers);
        };
        using var call = stage.Calls.ServerStream(new Item());
        var error = await Wait.FailsAsync(StatusCode.Aborted, () => call.ResponseStream.ToListAsync());
        Assert.Single(error.Trailers, t => t.Key == "cost");
    }

    [Fact]
    public async Task Trailers_come_at_the_end_of_a_stream()
    {
        Needs(CallKinds.ServerStreaming);
        var stage = await OpenAsync();
        stage.Handlers.ServerStream = async (item, writer, context) =>
        {
            await writer.WriteAsync(item.Clone());
            context.ResponseTrailers.Add("sum", "1");
        };
        using var call = stage.Calls.ServerStream(new Item());
        Assert.Single(await call.ResponseStream.ToListAsync());
        Assert.Equal("1", call.GetTrailers().GetValue("sum"));
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
    }

    [Fact]
    public async Task The_callers_metadata_is_left_as_it_was()
    {
        var stage = await OpenAsync();
        stage.Handlers.Unary = (item, context) =>
        {
            // A handler may be careless with its side; the caller's is the caller's.
            Record.Exception(() => context.RequestHeaders.Add("added", "by handler"));
            return Task.FromResult(item.Clone());
        };
        var headers = new Metadata { { "mine", "1" } };
        await stage.Calls.UnaryAsync(new Item(), headers).ResponseAsync.Soon();
        Assert.Equal("mine", Assert.Single(headers).Key);
    }

    [Fact]
    public async Task The_handler_sees_the_method_and_a_peer()
    {
        var stage = await OpenAsync();
        var seen = (Method: "", Peer: "");
        stage.Handlers.Unary = (item, context) =>
        {
            seen = (context.Method, context.Peer);
            return Task.FromResult(item.Clone());
        };
        await stage.Calls.UnaryAsync(new Item()).ResponseAsync.Soon();
        Assert.Equal("/anywire.conformance.Calls/Unary", seen.Method);
        Assert.NotEmpty(seen.Peer);
    }
}
