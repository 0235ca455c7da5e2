using Anywire.Tcp.Tests.Bed;
using Twite.Faults;

namespace Anywire.Tcp.Tests;

/// <summary>Conversations that nobody meant, over sockets, with threads, timers and all.</summary>
[Collection(nameof(Alone))]
public sealed class LoopbackFuzzTests
{
    private static readonly int Inputs = LongForm.IsRequested ? 10_000 : 200;

    [Fact]
    public async Task A_caller_ends_each_call_whatever_its_server_says()
    {
        await using var bed = await TcpBed.OpenAsync();
        var mutations = new Mutations(142, Conversations.Handler);
        for (var i = 0; i < Inputs; i++)
        {
            // One for each: a caller connects again, and would be taken for the next.
            await using var server = new RawServer();
            var (invoker, client) = bed.ConnectApart([server.Endpoint]);
            await using (invoker)
            {
                var call = client.SayAsync(new Line());
                using var lines = client.Lines(new Line());
                using (var peer = await server.GreetAsync())
                {
                    await RecordedAsync(() => peer.SendAsync(mutations.Next().ToArray()));
                }
                await call.ResponseAsync.ContinueWith(static _ => { }, TaskScheduler.Default).Soon();
                await RecordedAsync(async () =>
                {
                    while (await lines.ResponseStream.MoveNext(CancellationToken.None).Soon())
                    {
                        // Whatever it is.
                    }
                });
            }
        }
        Assert.DoesNotContain("reading thread failed", bed.Log.Text, StringComparison.Ordinal);
        await bed.AssertServesAsync();
    }

    [Fact]
    public async Task A_server_serves_on_whatever_a_caller_says()
    {
        await using var bed = await TcpBed.OpenAsync();
        var mutations = new Mutations(143, Conversations.Caller);
        for (var i = 0; i < Inputs; i++)
        {
            using var peer = bed.Dial();
            await peer.GreetAsync();
            await RecordedAsync(() => peer.SendAsync(mutations.Next().ToArray()));
        }
        await bed.AssertServesAsync();
        await Wait.UntilAsync(() => bed.Server.CallsInFlight == 0, "nothing is left of any of them");
        Assert.DoesNotContain("reading thread failed", bed.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_secured_server_serves_on_whatever_comes_instead_of_a_handshake()
    {
        await using var bed = await TcpBed.OpenAsync("tcps", new TcpOptions { ConnectTimeout = TimeSpan.FromSeconds(2) });
        var random = new Random(144);
        for (var i = 0; i < Inputs; i++)
        {
            using var peer = bed.Dial();
            // It begins like a handshake of TLS.
            var bytes = new byte[random.Next(6, 600)];
            random.NextBytes(bytes);
            RawPeer.Bytes("16 03 01 02 00 01").CopyTo(bytes, 0);
            await RecordedAsync(() => peer.SendAsync(bytes));
        }
        await bed.AssertServesAsync();
        Assert.DoesNotContain("reading thread failed", bed.Log.Text, StringComparison.Ordinal);
    }

    /// <summary>What fails because the other side has closed is as good as what does not; only a hang is not.</summary>
    private static async Task RecordedAsync(Func<Task> run)
    {
        if (await Record.ExceptionAsync(run) is TimeoutException hang)
        {
            throw new InvalidOperationException("It hangs.", hang);
        }
    }
}
