using System.Net.Sockets;
using Anywire.Tcp.Tests.Bed;
using Google.Protobuf;
using Grpc.Core;

namespace Anywire.Tcp.Tests;

#pragma warning disable VSTHRD002, VSTHRD103, xUnit1031 // A marshaller cannot await.

/// <summary>A connection that is lost in the middle of an answer, whose call then goes on over another.</summary>
[Collection(nameof(BlockingTests))]
public sealed class LostAnswerTests
{
    [Fact]
    public async Task What_was_still_being_read_of_the_first_answer_is_no_part_of_the_second()
    {
        var (reading, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        var isFirst = 1;
        var say = new Method<Line, Line>(
            MethodType.Unary, "anywire.tcp.tests.Echo", "Say",
            Marshallers.Create(static line => line.ToByteArray(), Line.Parser.ParseFrom),
            Marshallers.Create(static line => line.ToByteArray(), bytes =>
            {
                if (Interlocked.Exchange(ref isFirst, 0) == 1)
                {
                    reading.SetResult();
                    goOn.Task.Wait();
                }
                return Line.Parser.ParseFrom(bytes);
            }));
        await using var bed = await TcpBed.OpenAsync();
        await using var server = new RawServer();
        var (client, echo) = bed.ConnectApart([server.Endpoint], new RetryOptions());
        await using var _ = client;
        var call = client.Invoker.AsyncUnaryCall(say, null, new CallOptions(), new Line()).ResponseAsync;
        using var first = await server.GreetAsync();
        // A whole reply, and no status yet.
        await first.SendAsync($"04 000004 {await first.NextCallAsync():X8} 0A 02 68 69");
        await reading.Task.Soon();

        first.Socket.LingerState = new LingerOption(true, 0);
        first.Dispose();
        // Whoever writes finds that it is lost.
        var other = echo.LittleAsync(new Line()).ResponseAsync;
        using var second = await server.GreetAsync();
        var id = await second.NextCallAsync();
        goOn.SetResult();
        await Wait.FailsAsync(StatusCode.Unavailable, () => other);

        await second.SendAsync($"24 000004 {id:X8} 0A 02 68 6F");
        Assert.Equal("ho", (await call.Soon()).Text);
    }
}
