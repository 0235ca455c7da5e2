using System.Net.Sockets;
using Anywire.Tcp.Tests.Bed;
using Google.Protobuf;
using Grpc.Core;

namespace Anywire.Tcp.Tests;

#pragma warning disable VSTHRD002, VSTHRD103, xUnit1031 // A marshaller cannot await.

/// <summary>A connection that is lost while an answer that came over it is being read.</summary>
[Collection(nameof(BlockingTests))]
public sealed class LostAnswerTests : IAsyncLifetime
{
    private readonly TaskCompletionSource _reading = new();
    private readonly TaskCompletionSource _goOn = new();
    private readonly RawServer _server = new();
    private TcpBed _bed = null!;
    private AnywireClient _client = null!;
    private Echo.EchoClient _echo = null!;
    private int _isFirst = 1;

    public async ValueTask InitializeAsync()
    {
        _bed = await TcpBed.OpenAsync();
        (_client, _echo) = _bed.ConnectApart([_server.Endpoint], new RetryOptions());
    }

    public async ValueTask DisposeAsync()
    {
        _goOn.TrySetResult();
        await _client.DisposeAsync();
        await _server.DisposeAsync();
        await _bed.DisposeAsync();
    }

    [Fact]
    public async Task What_was_still_being_read_of_the_first_answer_is_no_part_of_the_second()
    {
        var call = Begin("Say");
        using var first = await _server.GreetAsync();
        // A whole reply, and no status yet.
        await first.SendAsync($"04 000004 {await first.NextCallAsync():X8} 0A 02 68 69");
        var other = await LoseAsync(first);
        using var second = await _server.GreetAsync();
        var id = await second.NextCallAsync();
        _goOn.SetResult();
        await Wait.FailsAsync(StatusCode.Unavailable, () => other);

        await second.SendAsync($"24 000004 {id:X8} 0A 02 68 6F");
        Assert.Equal("ho", (await call.Soon()).Text);
    }

    [Fact]
    public async Task A_large_answer_that_has_come_whole_is_the_answer()
    {
        var call = Begin("Little");
        using var first = await _server.GreetAsync();
        var id = await first.NextCallAsync();
        // Field 2 of 40,000 bytes, in two frames.
        var part = string.Concat(Enumerable.Repeat("00", 20_000));
        await first.SendAsync(RawPeer.Frame(4, 0x10, id, "12 C0B802" + part), RawPeer.Frame(4, 0x20, id, part));
        await Wait.FailsAsync(StatusCode.Unavailable, () => LoseAsync(first).Unwrap());

        _goOn.SetResult();
        Assert.Equal(40_000, (await call.Soon()).Body.Length);
    }

    [Fact]
    public async Task Its_headers_are_not_those_of_the_answer_to_the_next_attempt()
    {
        var call = _echo.SayAsync(new Line());
        using var first = await _server.GreetAsync();
        // Headers, k: h1; then the answer to another call, so that they have been seen.
        await first.SendAsync(RawPeer.Frame(7, 0, await first.NextCallAsync(), "0001 01 6B 0002 6831"));
        var other = _echo.SayAsync(new Line()).ResponseAsync;
        await first.SendAsync($"24 000004 {await first.NextCallAsync():X8} 0A 02 68 69");
        await other.Soon();
        var headers = call.ResponseHeadersAsync;

        first.Dispose();
        using var second = await _server.GreetAsync();
        var id = await second.NextCallAsync();
        await second.SendAsync(RawPeer.Frame(7, 0, id, "0001 01 6B 0002 6832"), RawPeer.Frame(4, 0x20, id, "0A 02 68 69"));
        await call.ResponseAsync.Soon();
        Assert.Equal("h2", (await headers.Soon()).GetValue("k"));
    }

    /// <summary>Makes a call, whose first reply is read until it may go on.</summary>
    private Task<Line> Begin(string name)
    {
        var lines = Marshallers.Create(static line => line.ToByteArray(), bytes =>
        {
            if (Interlocked.Exchange(ref _isFirst, 0) == 1)
            {
                _reading.SetResult();
                _goOn.Task.Wait();
            }
            return Line.Parser.ParseFrom(bytes);
        });
        var method = new Method<Line, Line>(MethodType.Unary, "anywire.tcp.tests.Echo", name, lines, lines);
        return _client.Invoker.AsyncUnaryCall(method, null, new CallOptions(), new Line()).ResponseAsync;
    }

    /// <summary>Resets the connection once the reply is being read, and makes another call: whoever writes finds that it is lost.</summary>
    private async Task<Task<Line>> LoseAsync(RawPeer peer)
    {
        await _reading.Task.Soon();
        peer.Socket.LingerState = new LingerOption(true, 0);
        peer.Dispose();
        return _echo.LittleAsync(new Line()).ResponseAsync;
    }
}
