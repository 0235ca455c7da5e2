using Anywire.Tcp.Connections;
using Anywire.Tcp.Tests.Bed;

namespace Anywire.Tcp.Tests;

/// <summary>A connection that is closed in the middle of what has come together.</summary>
public sealed class ClosedBatchTests
{
    private const string Hi = "0A 02 68 69";

    private static readonly byte[] TwoCalls = RawPeer.Bytes(RawPeer.Method("Say") + RawPeer.Frame(3, 0x20, 1, "0001 0000EA60 0000" + Hi) + RawPeer.Call(2, Hi));

    [Fact]
    public void What_stands_behind_it_is_not_executed()
    {
        using var bed = new MemoryBed();
        var connection = bed.Accept(new MemoryPeer(TwoCalls));
        bed.Service.Before = (_, _) =>
        {
            connection.Close("enough");
            return Task.CompletedTask;
        };
        ((IReader)connection.Reader).Read(mayBlock: false);
        Assert.Equal(1, bed.Service.Said);
    }

    [Fact]
    public async Task A_call_that_goes_on_is_told_and_leaves_nothing_behind_when_it_ends()
    {
        using var bed = new MemoryBed();
        var connection = bed.Accept(new MemoryPeer(TwoCalls));
        var (release, token) = (new TaskCompletionSource(), CancellationToken.None);
        bed.Service.Before = (_, context) =>
        {
            token = context.CancellationToken;
            connection.Close("enough");
            return release.Task;
        };
        ((IReader)connection.Reader).Read(mayBlock: false);
        await Wait.UntilAsync(() => token.IsCancellationRequested, "its handler is told");
        release.SetResult();
        // Its time goes with it, for which a timer would wait otherwise.
        await Wait.UntilAsync(() => Record.Exception(() => token.WaitHandle) is ObjectDisposedException, "its lifetime has ended");
    }
}
