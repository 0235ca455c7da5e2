using System.Diagnostics;
using Anywire.Tcp.Tests.Bed;
using Grpc.Core;

namespace Anywire.Tcp.Tests;

/// <summary>Servers that can be connected to and do not serve.</summary>
public sealed class ReachTests
{
    [Fact]
    public async Task One_that_accepts_and_says_nothing_holds_up_no_call_that_another_can_take()
    {
        await using var bed = await TcpBed.OpenAsync();
        await using var silent = new RawServer();
        var client = bed.Connect([silent.Endpoint, bed.Endpoint]);
        var begin = Stopwatch.GetTimestamp();
        Assert.Equal("hi", (await client.SayAsync(new Line { Text = "hi" }).ResponseAsync.Soon()).Text);
        // Not when the other was given up.
        Assert.InRange(Stopwatch.GetElapsedTime(begin), TimeSpan.Zero, new TcpOptions().ConnectTimeout - TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task One_that_greets_and_closes_is_not_stormed()
    {
        await using var bed = await TcpBed.OpenAsync();
        await using var server = new RawServer();
        var call = bed.Connect([server.Endpoint]).SayAsync(new Line());
        var greeted = 0;
        using var second = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        while (!second.IsCancellationRequested)
        {
            using var peer = await server.GreetAsync();
            greeted++;
        }
        Assert.InRange(greeted, 1, 20);
        await Wait.FailsAsync(StatusCode.Unavailable, () => call.ResponseAsync);
    }

    [Theory, InlineData("tcp"), InlineData("tcps")]
    public async Task One_that_is_full_refuses_before_anything_is_sent_to_it(string scheme)
    {
        await using var bed = await TcpBed.OpenAsync(scheme, limits: new ServerLimits { MaxConnections = 1 });
        await bed.AssertServesAsync();
        var error = await Wait.FailsAsync(StatusCode.Unavailable, () => bed.Connect().SayAsync(new Line()).ResponseAsync);
        Assert.True(NotExecuted.IsMarked(error), error.Status.Detail);
        // The caller may know it before the log does.
        await Wait.UntilAsync(() => bed.Log.Text.Contains("there are 1 connections already", StringComparison.Ordinal), "the log says why");
        await bed.AssertServesAsync();
    }
}
