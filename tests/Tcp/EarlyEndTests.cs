using System.Runtime.CompilerServices;
using Anywire.Tcp.Tests.Bed;
using Grpc.Core;

namespace Anywire.Tcp.Tests;

/// <summary>What remains of calls that have ended early, and what their handlers learn.</summary>
public sealed class EarlyEndTests
{
    [Fact]
    public async Task A_handler_that_waits_for_a_request_learns_that_its_caller_has_cancelled()
    {
        await using var bed = await TcpBed.OpenAsync();
        var failure = WaitForRequest(bed);
        using var call = bed.Client.Count();
        await Wait.UntilAsync(() => bed.Server.CallsInFlight == 1, "the handler waits");
        call.Dispose();
        Assert.Equal(StatusCode.Cancelled, (await failure.Soon()).StatusCode);
    }

    [Fact]
    public async Task A_handler_that_waits_for_a_request_learns_that_the_deadline_has_passed_though_its_caller_says_nothing()
    {
        await using var bed = await TcpBed.OpenAsync();
        var failure = WaitForRequest(bed);
        using var peer = bed.Dial();
        await peer.GreetAsync();
        await peer.SendAsync(RawPeer.Method("Count"), RawPeer.Frame(3, 0, 5, "0001 00000032 0000"));
        Assert.Equal(StatusCode.DeadlineExceeded, (await failure.Soon()).StatusCode);
    }

    [Fact]
    public async Task A_token_that_lives_on_keeps_no_call_that_has_ended_before_it_was_sent()
    {
        await using var bed = await TcpBed.OpenAsync();
        await bed.AssertServesAsync();
        using var token = new CancellationTokenSource();
        var request = await FailAsync(bed, token.Token);
        await Wait.UntilAsync(
            () =>
            {
                GC.Collect();
                return !request.IsAlive;
            },
            "nobody holds its request any more");
        Assert.False(token.IsCancellationRequested);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<WeakReference> FailAsync(TcpBed bed, CancellationToken token)
    {
        var tooLarge = new Line { Text = new string('x', 100_001) };
        await Wait.FailsAsync(StatusCode.ResourceExhausted, () => bed.Client.LittleAsync(tooLarge, cancellationToken: token).ResponseAsync);
        return new WeakReference(tooLarge);
    }

    private static Task<RpcException> WaitForRequest(TcpBed bed)
    {
        var failure = new TaskCompletionSource<RpcException>();
        bed.Service.Read = async (reader, context) =>
        {
            // As most do; what counts is how the reading ends.
            _ = context.CancellationToken;
            try
            {
                await reader.MoveNext(CancellationToken.None);
            }
            catch (RpcException error)
            {
                failure.SetResult(error);
                throw;
            }
            return null;
        };
        return failure.Task;
    }
}
