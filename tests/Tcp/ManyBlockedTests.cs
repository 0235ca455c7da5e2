using System.Diagnostics;
using Anywire.Tcp.Tests.Bed;
using Google.Protobuf;
using Grpc.Core;

namespace Anywire.Tcp.Tests;

#pragma warning disable VSTHRD002, VSTHRD103, xUnit1031 // Blocking is what these tests are about.

/// <summary>More code that blocks than the pool has threads, on one connection.</summary>
[Collection(nameof(BlockingTests))]
public sealed class ManyBlockedTests(ITestOutputHelper output)
{
    private const int Many = 64;

    [Theory, InlineData("tcp"), InlineData("tcps")]
    public async Task Handlers_that_block_end_when_a_later_call_brings_what_they_wait_for(string scheme)
    {
        await using var bed = await TcpBed.OpenAsync(scheme);
        using var brought = new ManualResetEventSlim();
        bed.Service.Before = (line, _) =>
        {
            if (line.Text == "wait")
            {
                Assert.True(brought.Wait(TimeSpan.FromSeconds(60)));
            }
            else if (line.Text == "bring")
            {
                brought.Set();
            }
            return Task.CompletedTask;
        };
        var begin = Stopwatch.GetTimestamp();
        var waiting = Enumerable.Range(0, Many).Select(_ => bed.Client.SayAsync(new Line { Text = "wait" }).ResponseAsync).ToList();
        await bed.Client.SayAsync(new Line { Text = "bring" }).ResponseAsync.WaitAsync(TimeSpan.FromSeconds(60));
        output.WriteLine($"brought after {Stopwatch.GetElapsedTime(begin)}");
        await Task.WhenAll(waiting).Soon();
        output.WriteLine($"all ended after {Stopwatch.GetElapsedTime(begin)}");
    }

    [Fact]
    public async Task Handlers_that_block_until_they_are_cancelled_are_told()
    {
        await using var bed = await TcpBed.OpenAsync();
        bed.Service.Before = (_, context) =>
        {
            context.CancellationToken.WaitHandle.WaitOne();
            return Task.CompletedTask;
        };
        using var cancel = new CancellationTokenSource();
        var waiting = Enumerable.Range(0, Many).Select(_ => bed.Client.SayAsync(new Line(), cancellationToken: cancel.Token).ResponseAsync).ToList();
        await Wait.UntilAsync(() => bed.Server.CallsInFlight == Many, "all wait");
        var begin = Stopwatch.GetTimestamp();
        await cancel.CancelAsync();
        await Wait.UntilAsync(() => bed.Server.CallsInFlight == 0, "none waits");
        output.WriteLine($"all ended after {Stopwatch.GetElapsedTime(begin)}");
        await Task.WhenAll(waiting.Select(w => Wait.FailsAsync(StatusCode.Cancelled, () => w)));
    }

    [Theory, InlineData("tcp"), InlineData("tcps")]
    public async Task Callers_that_block_the_whole_pool_have_their_large_messages_carried(string scheme)
    {
        await using var bed = await TcpBed.OpenAsync(scheme);
        await bed.AssertServesAsync();
        var body = ByteString.CopyFrom(new byte[200 * 1024]);
        var begin = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Many).Select(_ => Task.Run(() => Assert.Equal(body, bed.Client.SayAsync(new Line { Body = body }).ResponseAsync.Result.Body)))).Soon();
        output.WriteLine($"all ended after {Stopwatch.GetElapsedTime(begin)}");
    }

    [Theory, InlineData("tcp"), InlineData("tcps")]
    public async Task Callers_that_block_in_their_continuations_all_end(string scheme)
    {
        await using var bed = await TcpBed.OpenAsync(scheme);
        var begin = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Many).Select(async i =>
        {
            for (var n = 0; n < 3; n++)
            {
                await bed.Client.SayAsync(new Line { Text = $"{i}" });
                Assert.Equal("result", bed.Client.SayAsync(new Line { Text = "result" }).ResponseAsync.Result.Text);
            }
        })).Soon();
        output.WriteLine($"all ended after {Stopwatch.GetElapsedTime(begin)}");
    }
}
