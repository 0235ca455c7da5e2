using System.Diagnostics;
using Anywire.Tcp.Tests.Bed;

namespace Anywire.Tcp.Tests;

#pragma warning disable VSTHRD002, VSTHRD103, xUnit1031 // Blocking is what these tests are about.

/// <summary>A connection over which nothing came for a while has given its reading thread back.</summary>
[Collection(nameof(Alone))]
public sealed class IdleConnectionTests
{
    [Theory]
    [InlineData("tcp", false), InlineData("tcps", false), InlineData("tcp", true), InlineData("tcps", true)]
    public void One_is_read_again_though_the_pool_has_no_free_thread(string scheme, bool isQuiet)
    {
        var bed = TcpBed.OpenAsync(scheme).GetAwaiter().GetResult();
        bed.AssertServesAsync().GetAwaiter().GetResult();
        using var idle = new ManualResetEventSlim();
        // Longer than SocketStream waits with its thread.
        Assert.False(idle.Wait(TimeSpan.FromSeconds(1.5)));
        if (isQuiet)
        {
            // Having been silent before, it waits without a thread of its own from here on.
            Assert.Equal("once", bed.Client.Say(new Line { Text = "once" }).Text);
        }
        using var release = new ManualResetEventSlim();
        var blocked = Enumerable.Range(0, 100).Select(_ => Task.Run(() => release.Wait())).ToList();
        try
        {
            var begin = Stopwatch.GetTimestamp();
            Assert.Equal("through", bed.Client.Say(new Line { Text = "through" }).Text);
            // The pool adds a thread or two each second, and a hundred are blocked.
            Assert.InRange(Stopwatch.GetElapsedTime(begin), TimeSpan.Zero, TimeSpan.FromSeconds(4));
        }
        finally
        {
            release.Set();
        }
        Task.WaitAll([.. blocked]);
        bed.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }
}
