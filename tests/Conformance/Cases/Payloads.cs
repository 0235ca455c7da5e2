using Google.Protobuf;
using Grpc.Core;

namespace Anywire.Conformance;

public abstract partial class ConformanceSuite
{
    private const int FourMebibytes = 4 * 1024 * 1024;

    public static TheoryData<int> Bodies => [0, 1, 2, 127, 128, 65_535, 65_536, 1_000_000, FourMebibytes - 64];

    [Theory, MemberData(nameof(Bodies))]
    public async Task A_body_of_any_size_is_carried_both_ways(int bytes)
    {
        NeedsMessagesOf(bytes);
        var stage = await OpenAsync();
        var item = OfBody(bytes);
        Assert.Equal(item, await stage.Plain.AskAsync(item).ResponseAsync.Soon());
    }

    [Theory, MemberData(nameof(Bodies))]
    public async Task A_body_of_any_size_is_carried_on_streams(int bytes)
    {
        Needs(CallKinds.DuplexStreaming);
        NeedsMessagesOf(bytes);
        var stage = await OpenAsync();
        var item = OfBody(bytes);
        using var call = stage.Calls.Duplex();
        for (var i = 0; i < 3; i++)
        {
            await call.RequestStream.WriteAsync(item.Clone()).Soon();
            Assert.True(await call.ResponseStream.MoveNext(default).Soon());
            Assert.Equal(item, call.ResponseStream.Current);
        }
    }

    [Fact]
    public async Task A_message_exactly_at_the_default_limit_is_carried_both_ways()
    {
        NeedsMessagesOf(FourMebibytes);
        var stage = await OpenAsync();
        var item = OfSize(FourMebibytes);
        Assert.Equal(item, await stage.Plain.AskAsync(item).ResponseAsync.Soon());
    }

    [Fact]
    public async Task A_request_one_byte_over_the_default_limit_is_refused_and_the_wire_lives_on()
    {
        NeedsMessagesOf(FourMebibytes + 1);
        var stage = await OpenAsync();
        await Wait.FailsAsync(StatusCode.ResourceExhausted, () => stage.Plain.AskAsync(OfSize(FourMebibytes + 1)).ResponseAsync);
        Assert.Equal(9, (await stage.Plain.AskAsync(new Item { Number = 9 }).ResponseAsync.Soon()).Number);
    }

    [Fact]
    public async Task A_reply_one_byte_over_the_default_limit_is_refused_and_the_wire_lives_on()
    {
        NeedsMessagesOf(FourMebibytes + 1);
        var stage = await OpenAsync();
        stage.Handlers.Unary = (item, _) => Task.FromResult(OfSize(item.Number));
        await Wait.FailsAsync(StatusCode.ResourceExhausted, () => stage.Plain.AskAsync(new Item { Number = FourMebibytes + 1 }).ResponseAsync);
        Assert.Equal(FourMebibytes, (await stage.Plain.AskAsync(new Item { Number = FourMebibytes }).ResponseAsync.Soon()).CalculateSize());
    }

    [Fact]
    public async Task The_contracts_own_limits_hold_to_the_byte()
    {
        var stage = await OpenAsync();
        stage.Handlers.Unary = (item, _) => Task.FromResult(item.Number == 0 ? OfSize(200) : OfSize(item.Number));
        Assert.Equal(200, (await stage.Calls.SmallAsync(OfSize(100)).ResponseAsync.Soon()).CalculateSize());
        await Wait.FailsAsync(StatusCode.ResourceExhausted, () => stage.Calls.SmallAsync(OfSize(101)).ResponseAsync);
        await Wait.FailsAsync(StatusCode.ResourceExhausted, () => stage.Calls.SmallAsync(new Item { Number = 201 }).ResponseAsync);
        Assert.Equal(200, (await stage.Calls.SmallAsync(new Item()).ResponseAsync.Soon()).CalculateSize());
    }

    [Fact]
    public async Task A_refused_request_never_reaches_the_handler()
    {
        var stage = await OpenAsync();
        var ran = 0;
        stage.Handlers.Unary = (item, _) =>
        {
            Interlocked.Increment(ref ran);
            return Task.FromResult(new Item());
        };
        await Wait.FailsAsync(StatusCode.ResourceExhausted, () => stage.Calls.SmallAsync(OfSize(5_000)).ResponseAsync);
        await stage.Calls.SmallAsync(OfSize(3)).ResponseAsync.Soon();
        Assert.Equal(1, ran);
    }

    [Fact]
    public async Task A_message_too_large_ends_only_its_own_server_stream()
    {
        Needs(CallKinds.ServerStreaming);
        var stage = await OpenAsync();
        stage.Handlers.ServerStream = async (_, writer, _) =>
        {
            await writer.WriteAsync(OfSize(200));
            await writer.WriteAsync(OfSize(201));
        };
        using var call = stage.Calls.SmallServerStream(new Item());
        Assert.True(await call.ResponseStream.MoveNext(default).Soon());
        await Wait.FailsAsync(StatusCode.ResourceExhausted, () => call.ResponseStream.MoveNext(default));
        using var refused = stage.Calls.SmallServerStream(OfSize(101));
        await Wait.FailsAsync(StatusCode.ResourceExhausted, () => refused.ResponseStream.MoveNext(default));
        await stage.Calls.UnaryAsync(new Item()).ResponseAsync.Soon();
    }

    [Fact]
    public async Task A_message_too_large_ends_only_its_own_client_stream()
    {
        Needs(CallKinds.ClientStreaming);
        var stage = await OpenAsync();
        using var call = stage.Calls.SmallClientStream();
        await call.RequestStream.WriteAsync(OfSize(100)).Soon();
        // The writer learns of it, or whoever awaits the reply: on a wire that counts at the other end only the latter.
        await Record.ExceptionAsync(() => call.RequestStream.WriteAsync(OfSize(101)).Soon());
        await Wait.FailsAsync(StatusCode.ResourceExhausted, () => call.ResponseAsync);
        await Wait.UntilAsync(() => stage.Server.CallsInFlight == 0, "the handler has gone");
        await stage.Calls.UnaryAsync(new Item()).ResponseAsync.Soon();
    }

    [Theory]
    [InlineData("")]
    [InlineData("Grüße, 世界 🐦‍🔥 \u0000 \uFFFD e\u0301")]
    public async Task Text_arrives_as_it_was(string text)
    {
        var stage = await OpenAsync();
        Assert.Equal(text, (await stage.Calls.UnaryAsync(new Item { Text = text, Number = int.MinValue }).ResponseAsync.Soon()).Text);
    }

    private static Item OfBody(int bytes)
    {
        var body = new byte[bytes];
        new Random(bytes).NextBytes(body);
        return new Item { Body = ByteString.CopyFrom(body) };
    }

    /// <summary>A message that is exactly so many bytes when serialized; from 3 on.</summary>
    private static Item OfSize(int size)
    {
        var body = size - 1 - CodedOutputStream.ComputeLengthSize(size);
        var item = new Item { Body = ByteString.CopyFrom(new byte[body]) };
        if (item.CalculateSize() + 1 == size)
        {
            item.Body = ByteString.CopyFrom(new byte[body + 1]);
        }
        if (item.CalculateSize() != size)
        {
            // The length itself grew by a byte: a number, which takes two, fills the hole.
            item = new Item { Number = 1, Body = ByteString.CopyFrom(new byte[body - 1]) };
        }
        Assert.Equal(size, item.CalculateSize());
        return item;
    }
}
