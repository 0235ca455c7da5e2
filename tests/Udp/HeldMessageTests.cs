using System.Buffers;
using System.Runtime.InteropServices;
using Anywire.Udp.Client;
using Anywire.Udp.Format;
using Grpc.Core;

namespace Anywire.Udp.Tests;

/// <summary>A request's array goes back to those that are lent once nobody looks at it, and not before: whoever asks once more would send what another call has written into it.</summary>
public sealed class HeldMessageTests
{
    [Fact]
    public void It_is_lent_again_once_the_call_has_been_asked_and_has_ended()
    {
        var (calls, call) = Begin();
        call.WasAsked();
        Assert.True(EndsAndIsLentAgain(calls, call));
    }

    [Fact]
    public void It_is_not_while_whoever_began_the_call_still_writes_into_it()
    {
        var (calls, call) = Begin();
        Assert.False(EndsAndIsLentAgain(calls, call));
    }

    [Fact]
    public void It_is_not_while_it_may_be_asked_once_more()
    {
        var (calls, call) = Begin();
        call.WasAsked();
        calls.FindDue(long.MaxValue, []);
        Assert.False(EndsAndIsLentAgain(calls, call));
    }

    [Fact]
    public void It_is_not_after_another_attempt_for_the_one_before_may_still_be_looked_at()
    {
        var (calls, call) = Begin();
        call.WasAsked();
        call.Repeat();
        Assert.Equal([1, 2, 3], call.Message.ToArray());
        Assert.False(EndsAndIsLentAgain(calls, call));
    }

    private static (PendingCalls Calls, Call Call) Begin()
    {
        var calls = new PendingCalls("service");
        var call = new Call([1, 2, 3]);
        calls.Add(call);
        return (calls, call);
    }

    private static bool EndsAndIsLentAgain(PendingCalls calls, Call call)
    {
        Assert.True(MemoryMarshal.TryGetArray<byte>(call.Message, out var held));
        calls.Take(call.Id)!.TakeHandled();
        // Whoever has given one back on this thread gets it next.
        return ReferenceEquals(held.Array, ArrayPool<byte>.Shared.Rent(held.Count));
    }

    private sealed class Call : PendingCall
    {
        public Call(byte[] message) => Hold(message);

        public void Repeat() => HoldAnother();

        public override void TakeHandled() => Release();

        public override void TakeEnd(MessageReader end) => throw new NotSupportedException();

        public override void TakeHeaders(Metadata headers) => throw new NotSupportedException();

        public override void Fail(Status status, Metadata? trailers = null) => throw new NotSupportedException();
    }
}
