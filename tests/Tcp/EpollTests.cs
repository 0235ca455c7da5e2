using System.Net.Sockets;
using Anywire.Tcp.Connections;
using Anywire.Tcp.Tests.Bed;

namespace Anywire.Tcp.Tests;

/// <summary>Sockets that the system's event queue refuses to wait for.</summary>
public sealed class EpollTests
{
    private const int Many = 1_000_000;

    [Fact]
    public async Task A_stream_that_cannot_wait_fails_and_says_why()
    {
        Assert.SkipUnless(Epoll.IsSupported, "Only Linux has it.");
        var (near, far) = Refused(out var other);
        using (other)
        using (far)
        await using (near)
        {
            // On another thread: where this goes wrong it never returns.
            foreach (var operation in new Func<Task>[] { () => ReadAsync(near), () => ReadAsync(near), () => FillAsync(near) })
            {
                var error = await Assert.ThrowsAsync<IOException>(() => Task.Run(operation, CancellationToken.None).Soon());
                Assert.Contains("cannot wait for the socket", error.Message, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task A_stream_that_is_closed_ends_who_waits_for_it()
    {
        var (near, far) = MemoryBed.Pair();
        using (far)
        {
            var reading = ReadAsync(near);
            Assert.False(reading.IsCompleted);
            await near.DisposeAsync();
            await Assert.ThrowsAsync<ObjectDisposedException>(() => reading.Soon());
            await Assert.ThrowsAsync<ObjectDisposedException>(() => ReadAsync(near).Soon());
        }
    }

    /// <summary>Two ends of a connection, of which the system waits for the near one already: twice it does not.</summary>
    private static (SocketStream Near, Socket Far) Refused(out IDisposable other)
    {
        var (near, far) = MemoryBed.Pair(out var socket);
        var interest = Epoll.Of(socket);
        _ = interest.ReadableAsync(isShort: false, isHeld: false, CancellationToken.None);
        other = interest;
        return (near, far);
    }

    private static async Task ReadAsync(SocketStream stream) => Assert.Equal(0, await stream.ReadAsync(new byte[1], CancellationToken.None));

    private static async Task FillAsync(SocketStream stream)
    {
        // More than the system takes while nobody reads.
        for (var i = 0; i < 64; i++)
        {
            await stream.WriteAsync(new byte[Many], CancellationToken.None);
        }
    }
}
