using Grpc.Core;

namespace Anywire.Conformance;

/// <remarks>Over shared memory a change after the hand-over is found and names the method; over any other wire it changes nothing at the other
/// side, because the message was copied.</remarks>
public abstract partial class ConformanceSuite
{
    [Fact]
    public async Task A_request_that_its_caller_changes_too_late()
    {
        var stage = await OpenCheckedAsync();
        var (entered, release) = (new TaskCompletionSource(), new TaskCompletionSource());
        stage.Handlers.Unary = async (item, _) =>
        {
            entered.SetResult();
            await release.Task;
            return new Item { Text = item.Text };
        };
        var request = new Item { Text = "as agreed" };
        var call = stage.Calls.UnaryAsync(request).ResponseAsync;
        await entered.Task.Soon();
        request.Text = "changed";
        release.SetResult();
        if (Wire.Traits.SharesMemory)
        {
            AssertNames("Unary", "request", await Wait.FailsAsync(StatusCode.Internal, () => call));
        }
        else
        {
            Assert.Equal("as agreed", (await call.Soon()).Text);
        }
    }

    [Fact]
    public async Task A_request_that_the_handler_changes()
    {
        var stage = await OpenCheckedAsync();
        stage.Handlers.Unary = (item, _) =>
        {
            item.Text = "changed";
            return Task.FromResult(new Item());
        };
        var request = new Item { Text = "as agreed" };
        var call = stage.Calls.UnaryAsync(request).ResponseAsync;
        if (Wire.Traits.SharesMemory)
        {
            AssertNames("Unary", "request", await Wait.FailsAsync(StatusCode.Internal, () => call));
        }
        else
        {
            await call.Soon();
            Assert.Equal("as agreed", request.Text);
        }
    }

    [Fact]
    public async Task A_reply_that_the_handler_changes_too_late()
    {
        var stage = await OpenCheckedAsync();
        var kept = new Item { Text = "as agreed" };
        stage.Handlers.Unary = (_, _) => Task.FromResult(kept);
        var reply = await stage.Calls.UnaryAsync(new Item()).ResponseAsync.Soon();
        kept.Text = "changed";
        if (Wire.Traits.SharesMemory)
        {
            AssertNames("Unary", "reply", await Wait.FailsAsync(StatusCode.Internal, () => stage.Calls.SmallAsync(new Item()).ResponseAsync));
        }
        else
        {
            Assert.Equal("as agreed", reply.Text);
        }
    }

    [Fact]
    public async Task A_reply_that_the_caller_changes()
    {
        var stage = await OpenCheckedAsync();
        var kept = new Item { Text = "as agreed" };
        stage.Handlers.Unary = (_, _) => Task.FromResult(kept);
        var reply = await stage.Calls.UnaryAsync(new Item()).ResponseAsync.Soon();
        reply.Text = "changed";
        if (Wire.Traits.SharesMemory)
        {
            AssertNames("Unary", "reply", await Wait.FailsAsync(StatusCode.Internal, () => stage.Calls.SmallAsync(new Item()).ResponseAsync));
        }
        else
        {
            Assert.Equal("as agreed", kept.Text);
        }
    }

    [Fact]
    public async Task A_message_of_a_stream_that_is_written_again()
    {
        Needs(CallKinds.ServerStreaming);
        var stage = await OpenCheckedAsync();
        stage.Handlers.ServerStream = async (_, writer, _) =>
        {
            var reused = new Item { Number = 1 };
            await writer.WriteAsync(reused);
            reused.Number = 2;
            await writer.WriteAsync(reused);
        };
        using var call = stage.Calls.ServerStream(new Item());
        var arrived = new List<Item>();
        var error = await Record.ExceptionAsync(async () => arrived.AddRange(await call.ResponseStream.ToListAsync()));
        if (Wire.Traits.SharesMemory)
        {
            error ??= await Wait.FailsAsync(StatusCode.Internal, () => stage.Calls.UnaryAsync(new Item()).ResponseAsync);
            AssertNames("ServerStream", "reply", Assert.IsType<RpcException>(error));
        }
        else
        {
            Assert.Equal([1, 2], arrived.Select(i => i.Number));
        }
    }

    [Fact]
    public async Task Messages_that_nobody_changes_pass_the_check()
    {
        Needs(CallKinds.DuplexStreaming);
        var stage = await OpenCheckedAsync();
        for (var i = 0; i < 50; i++)
        {
            Assert.Equal(i, (await stage.Calls.UnaryAsync(new Item { Number = i }).ResponseAsync.Soon()).Number);
        }
        using var call = stage.Calls.Duplex();
        for (var i = 0; i < 1_000; i++)
        {
            await call.RequestStream.WriteAsync(new Item { Number = i }).Soon();
            Assert.True(await call.ResponseStream.MoveNext(default).Soon());
        }
        await call.RequestStream.CompleteAsync().Soon();
        Assert.False(await call.ResponseStream.MoveNext(default).Soon());
        await stage.Calls.UnaryAsync(new Item()).ResponseAsync.Soon();
    }

    private Task<Stage> OpenCheckedAsync() => OpenAsync(wire: Wire.WithHandOverCheck?.Invoke());

    private static void AssertNames(string method, string what, RpcException error)
    {
        Assert.Contains($"/anywire.conformance.Calls/{method} ", error.Status.Detail, StringComparison.Ordinal);
        Assert.Contains($"The {what} ", error.Status.Detail, StringComparison.Ordinal);
    }
}
