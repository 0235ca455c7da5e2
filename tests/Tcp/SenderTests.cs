using Anywire.Tcp.Connections;
using Anywire.Tcp.Format;
using Anywire.Tcp.Tests.Bed;

namespace Anywire.Tcp.Tests;

/// <summary>What waits to be written, and who waits for it.</summary>
public sealed class SenderTests
{
    private const int Room = 64 * 1024;

    [Fact]
    public async Task Who_waits_for_room_goes_on_when_what_waited_was_given_up_though_nothing_is_left_to_write()
    {
        var (socket, deaf) = MemoryBed.Pair();
        using var near = socket;
        using var far = deaf;
        var runtime = new Runtime(new TcpOptions());
        var sender = new Sender(socket, socket, runtime.Handoff, static error => Assert.Fail(error.Message));
        // More than the system takes for somebody who does not read.
        var message = new MessageBuffer();
        message.Head.Bytes(new byte[64_000_000]);
        Assert.True(sender.Add(FrameKind.Message, FrameFlags.None, 1, message, out _));
        sender.Flush();
        var called = new TaskCompletionSource();
        Assert.False(sender.HasRoom(Room, out var room));
        Assert.True(sender.WhenRoom(Room, called.SetResult));
        Assert.False(room.IsCompleted);
        sender.Abandon(1);
        await room.Soon();
        await called.Task.Soon();
        sender.Close();
    }
}
