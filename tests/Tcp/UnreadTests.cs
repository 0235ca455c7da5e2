using Anywire.Tcp.Tests.Bed;
using Grpc.Core;

namespace Anywire.Tcp.Tests;

/// <summary>Streams of requests whose handlers do not read.</summary>
public sealed class UnreadTests
{
    private static readonly string Body = "12 B0EA01" + string.Concat(Enumerable.Repeat("00", 30_000));

    [Fact]
    public async Task What_is_not_read_of_all_streams_of_a_connection_has_a_limit_together()
    {
        await using var bed = await TcpBed.OpenAsync(options: new TcpOptions { MaxUnreadBytes = 100_000 });
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        bed.Service.Read = async (_, _) =>
        {
            await release.Task;
            return null;
        };
        using var peer = bed.Dial();
        await peer.GreetAsync();
        await peer.SendAsync(RawPeer.Method("Count"));
        for (var call = 1u; call <= 4; call++)
        {
            await SendAsync(peer, call);
        }
        await peer.SendAsync("0A 000000 00000000");
        Assert.Equal(11, (await peer.ReceiveAsync()).Kind);
        release.SetResult();
        Assert.Equal([(1u, 0), (2u, 0), (3u, 0), (4u, (int)StatusCode.ResourceExhausted)], (await EndsAsync(peer, 4)).Order());
        // What was read, or forgotten with its call, is room for others.
        await SendAsync(peer, 5);
        Assert.Equal([(5u, 0)], await EndsAsync(peer, 1));
    }

    private static async Task SendAsync(RawPeer peer, uint call) =>
        await peer.SendAsync(RawPeer.Frame(3, 0, call, "0001 FFFFFFFF 0000"), RawPeer.Frame(4, 0, call, Body), RawPeer.Frame(5, 0, call, ""));

    /// <summary>How so many calls end.</summary>
    private static async Task<List<(uint Call, int Code)>> EndsAsync(RawPeer peer, int count)
    {
        var ends = new List<(uint, int)>();
        while (ends.Count < count)
        {
            var (kind, _, call, payload) = await peer.ReceiveAsync();
            Assert.True(kind is 4 or 6, $"{kind}");
            if (kind == 6)
            {
                ends.Add((call, payload[0]));
            }
        }
        return ends;
    }
}
