using Grpc.Core;

namespace Anywire.Udp.Tests;

/// <summary>Response headers, which are sent again when they may have been lost.</summary>
public sealed class HeadersTests
{
    [Fact]
    public async Task What_a_handler_adds_to_them_later_is_no_part_of_them()
    {
        await using var bed = await EchoBed.StartAsync();
        await using var relay = new DatagramRelay(bed.Endpoint.Port);
        var echo = bed.Call(relay.Port);
        await echo.SayAsync(new Word()).ResponseAsync.Soon();
        using var begun = new ManualResetEventSlim();
        using var mayLose = new ManualResetEventSlim();
        using var lost = new ManualResetEventSlim();
        using var mayEnd = new ManualResetEventSlim();
        bed.Echo.Before = context =>
        {
            begun.Set();
            mayLose.Wait();
            var headers = new Metadata { { "sent", "once" } };
            Assert.True(context.WriteResponseHeadersAsync(headers).IsCompletedSuccessfully);
            headers.Add("added", "later");
            lost.Set();
            mayEnd.Wait();
        };
        var call = echo.SayAsync(new Word());
        await Wait.UntilAsync(() => begun.IsSet, "it runs");
        relay.Percent = 100;
        mayLose.Set();
        await Wait.UntilAsync(() => lost.IsSet, "they were sent");
        // They, and what asks for them.
        var before = relay.Lost;
        await Wait.UntilAsync(() => relay.Lost >= before + 3, "they were lost");
        relay.Percent = 0;
        mayEnd.Set();
        Assert.Equal(["sent"], (await call.ResponseHeadersAsync.Soon()).Select(h => h.Key));
        await call.ResponseAsync.Soon();
    }
}
