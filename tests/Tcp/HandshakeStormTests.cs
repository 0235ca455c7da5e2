using System.Diagnostics;
using Anywire.Tcp.Tests.Bed;

namespace Anywire.Tcp.Tests;

/// <summary>Those who begin a handshake and do not go on with it.</summary>
public sealed class HandshakeStormTests
{
    [Theory]
    [InlineData("16")]
    [InlineData("16 03 01 01 00 01 00 00 FC 03 03")]
    public async Task They_do_not_keep_newcomers_out(string begun)
    {
        await using var bed = await TcpBed.OpenAsync("tcps", new TcpOptions { MaxHandshakes = 1 });
        await bed.AssertServesAsync();
        var stopped = Enumerable.Range(0, 200).Select(_ => bed.Dial()).ToList();
        foreach (var one in stopped)
        {
            await one.SendAsync(begun);
        }
        await bed.AssertServesAsync();
        var begin = Stopwatch.GetTimestamp();
        await bed.Connect().SayAsync(new Line()).ResponseAsync.Soon();
        Assert.InRange(Stopwatch.GetElapsedTime(begin), TimeSpan.Zero, TimeSpan.FromSeconds(4));
        await bed.AssertServesAsync();
        stopped.ForEach(static s => s.Dispose());
    }

    [Fact]
    public async Task Garbage_in_their_place_hurts_nobody()
    {
        await using var bed = await TcpBed.OpenAsync("tcps", new TcpOptions { MaxHandshakes = 1 });
        var random = new Random(141);
        var strangers = Enumerable.Range(0, 200).Select(_ => bed.Dial()).ToList();
        foreach (var one in strangers)
        {
            var bytes = new byte[random.Next(1, 600)];
            random.NextBytes(bytes);
            // What looks like TLS at first is read further.
            bytes[0] = random.Next(2) == 0 ? (byte)0x16 : bytes[0];
            await one.SendAsync(bytes);
        }
        await bed.AssertServesAsync();
        await bed.Connect().SayAsync(new Line()).ResponseAsync.Soon();
        strangers.ForEach(static s => s.Dispose());
    }
}
