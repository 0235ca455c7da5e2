using System.Diagnostics;
using Anywire.Tcp.Tests.Bed;

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
