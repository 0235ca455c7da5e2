using System.Diagnostics;
using Anywire.Tcp.Tests.Bed;

namespace Anywire.Tcp.Tests;

#pragma warning disable VSTHRD002, VSTHRD103, xUnit1031 // Blocking is what these tests are about.

/// <summary>More connections in use than have a thread of their own, while code that blocks has all of the pool.</summary>
[Collection(nameof(BlockingTests))]
public sealed class ManyReadersTests
{
    private const int Peers = 6;
    private const int Blocked = 64;

    [Fact]
    public async Task None_is_taken_for_silent()
    {
        var options = new TcpOptions { MaxReadingThreads = 2, HeartbeatDelay = TimeSpan.FromMilliseconds(200), HeartbeatTimeout = TimeSpan.FromSeconds(4) };
        await using var bed = await TcpBed.OpenAsync(options: options);
        var peers = Enumerable.Range(0, Peers).Select(_ => bed.Dial()).ToList();
        foreach (var peer in peers)
        {
            await peer.GreetAsync();
        }
        using var release = new ManualResetEventSlim();
        var blocked = Enumerable.Range(0, Blocked).Select(_ => Task.Run(() => release.Wait())).ToList();
        Exception? failure = null;
        var asking = new Thread(() => failure = Record.Exception(() =>
        {
            var begin = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(begin) < 1.5 * options.HeartbeatTimeout)
            {
                peers.ForEach(Ask);
            }
        }));
        asking.Start();
        Assert.True(asking.Join(TimeSpan.FromSeconds(60)));
        release.Set();
        await Task.WhenAll(blocked).Soon();
        peers.ForEach(static p => p.Dispose());
        Assert.Null(failure);
    }

    /// <summary>Asks for a sign of life, and waits for it.</summary>
    private static void Ask(RawPeer peer)
    {
        peer.Socket.ReceiveTimeout = 30_000;
        peer.Socket.Send(RawPeer.Bytes("0A 000000 00000000"));
        var answer = new byte[8];
        do
        {
            for (var read = 0; read < answer.Length;)
            {
                var more = peer.Socket.Receive(answer.AsSpan(read));
                Assert.NotEqual(0, more);
                read += more;
            }
            if (answer[0] == 10)
            {
                // Its own question, of 8 bytes.
                Assert.Equal(8, peer.Socket.Receive(new byte[8]));
            }
        }
        while (answer[0] != 11);
    }
}
