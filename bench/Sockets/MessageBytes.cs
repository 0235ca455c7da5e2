using System.Buffers;
using Google.Protobuf;
using Twite.Contracts;
using Twite.Lab.Call;

namespace Twite.Bench.Sockets;

/// <summary>What the messages of a call allocate on each side, which no transport can do without. They are made and parsed as the stub does it.</summary>
internal static class MessageBytes
{
    private const int Count = 50_000;

    /// <summary>On the calling side: the request and what is parsed of the reply.</summary>
    public static double OfCaller(Sessions sessions)
    {
        var replies = Enumerable.Range(0, Count).Select(i => new ReadOnlySequence<byte>(sessions.Verify(RequestOf(sessions, i))!.ToByteArray())).ToArray();
        return Measure(i =>
        {
            GC.KeepAlive(RequestOf(sessions, i));
            GC.KeepAlive(VerifySessionReply.Parser.ParseFrom(replies[i]));
        });
    }

    /// <summary>On the handling side: what is parsed of the request, and the reply.</summary>
    public static double OfHandler(Sessions sessions)
    {
        var requests = Enumerable.Range(0, Count).Select(i => new ReadOnlySequence<byte>(RequestOf(sessions, i).ToByteArray())).ToArray();
        return Measure(i => GC.KeepAlive(sessions.Verify(VerifySessionRequest.Parser.ParseFrom(requests[i]))));
    }

    private static VerifySessionRequest RequestOf(Sessions sessions, int number) => new() { Token = sessions.TokenOf(number) };

    private static double Measure(Action<int> make)
    {
        // What is made once is not a call's.
        make(0);
        var before = GC.GetTotalAllocatedBytes(precise: true);
        for (var i = 0; i < Count; i++)
        {
            make(i);
        }
        return (double)(GC.GetTotalAllocatedBytes(precise: true) - before) / Count;
    }
}
