using Anywire.Tcp.Tests.Bed;
using Google.Protobuf;
using Grpc.Core;

namespace Anywire.Tcp.Tests;

#pragma warning disable VSTHRD002, VSTHRD103, xUnit1031 // A marshaller cannot await.

/// <summary>A server that says that it stops while a call is just being written for it.</summary>
[Collection(nameof(BlockingTests))]
public sealed class LeavingServerTests
{
    private const string GoAway = "0C 000003 00000000 65 6E 64";
    private const string Ping = "0A 000008 00000000 0000000000000000";
    private const string Answer = "000004";

    private readonly Method<Line, Line> _say;
    private Action _onWrite = static () => { };

    public LeavingServerTests() => _say = new Method<Line, Line>(
        MethodType.Unary, "anywire.tcp.tests.Echo", "Say",
        Marshallers.Create<Line>(
            line =>
            {
                _onWrite();
                return line.ToByteArray();
            },
            Line.Parser.ParseFrom),
        Marshallers.Create(static line => line.ToByteArray(), Line.Parser.ParseFrom));

    [Fact]
    public async Task Behind_one_address_another_server_is_found_while_the_first_still_answers()
    {
        await using var bed = await TcpBed.OpenAsync();
        await using var balancer = new Relay(bed.Endpoint.Port);
        var (hold, holds) = (new TaskCompletionSource(), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        bed.Service.Before = (line, _) =>
        {
            if (line.Text != "hold")
            {
                return Task.CompletedTask;
            }
            holds.TrySetResult();
            return hold.Task;
        };
        var client = bed.Connect([balancer.Endpoint]);
        var held = client.SayAsync(new Line { Text = "hold" }).ResponseAsync;
        await holds.Task.Soon();
        balancer.Turn((await bed.ListenAsync()).Endpoint.Port);
        var stopping = bed.Server.StopAsync(TestContext.Current.CancellationToken);
        Assert.Equal("elsewhere", (await SayUntilExecutedAsync(client, "elsewhere").Soon()).Text);
        Assert.False(held.IsCompleted);
        hold.SetResult();
        Assert.Equal("hold", (await held.Soon()).Text);
        await stopping.Soon();
    }

    private static async Task<Line> SayUntilExecutedAsync(Echo.EchoClient client, string text)
    {
        while (true)
        {
            try
            {
                return await client.SayAsync(new Line { Text = text });
            }
            catch (RpcException error) when (NotExecuted.IsMarked(error))
            {
                // The first server still stands there.
                await Task.Yield();
            }
        }
    }

    /// <param name="isBusy">Whether it still answers another call, so that its connection stays.</param>
    [Theory, InlineData(false), InlineData(true)]
    public async Task A_call_that_is_not_sent_yet_goes_to_another(bool isBusy)
    {
        await using var bed = await TcpBed.OpenAsync();
        await using var leaving = new RawServer();
        var (client, _) = bed.ConnectApart([leaving.Endpoint, bed.Endpoint]);
        await using var _ = client;
        var connecting = client.Invoker.AsyncUnaryCall(_say, null, new CallOptions(), new Line()).ResponseAsync;
        using var peer = await leaving.GreetAsync();
        // Until each has had one, that one first: the next is its turn again.
        var (next, lastAtOther, pending) = (peer.NextCallAsync(), false, connecting);
        uint? waiting = null;
        Task? waitingCall = null;
        for (var seen = false; !(seen && lastAtOther);)
        {
            if (await Task.WhenAny(pending, next).Soon() == pending)
            {
                await pending;
                lastAtOther = true;
            }
            else
            {
                var id = await next;
                (next, seen, lastAtOther) = (peer.NextCallAsync(), true, false);
                if (isBusy && waiting is null)
                {
                    (waiting, waitingCall) = (id, pending);
                }
                else
                {
                    await peer.SendAsync($"24 {Answer} {id:X8} 0A 02 68 69");
                    await pending.Soon();
                }
            }
            pending = seen && lastAtOther ? Task.FromResult(new Line()) : client.Invoker.AsyncUnaryCall(_say, null, new CallOptions(), new Line()).ResponseAsync;
        }
        var written = 0;
        _onWrite = () =>
        {
            if (++written == 1)
            {
                // Whoever has answered the second has read the first, or has ended the connection because of it.
                peer.SendAsync(GoAway, Ping).GetAwaiter().GetResult();
                Assert.Equal(0u, next.GetAwaiter().GetResult());
            }
        };
        var reply = await Task.Run(() => client.Invoker.AsyncUnaryCall(_say, null, new CallOptions(), new Line { Text = "elsewhere" }).ResponseAsync).Soon();
        Assert.Equal(("elsewhere", 2), (reply.Text, written));
        if (waitingCall is not null)
        {
            await peer.SendAsync($"24 {Answer} {waiting:X8} 0A 02 68 69");
            await waitingCall.Soon();
        }
    }
}
