using Grpc.Core;

namespace Anywire;

/// <summary>Marks a failure of which it is proved that the handler never ran: the call was never sent, or a draining peer refused it.
/// Any such call may be tried again, idempotent or not. On a wire the mark is a trailer.</summary>
public static class NotExecuted
{
    /// <summary>The trailer's key; its value says why.</summary>
    public const string TrailerKey = "anywire-not-executed";

    /// <summary>UNAVAILABLE, with the mark.</summary>
    /// <param name="reason">One word: <c>draining</c>, <c>unreachable</c>.</param>
    /// <param name="message">The sentence for people.</param>
    /// <param name="cause">What lies behind it; never leaves the process.</param>
    public static RpcException Because(string reason, string message, Exception? cause = null) =>
        new(new Status(StatusCode.Unavailable, message, cause), new Metadata { { TrailerKey, reason } });

    /// <summary>The same failure without the mark, if it has it: that of the last attempt of a call, when one before it may have been executed.</summary>
    internal static RpcException Unmarked(RpcException error) => IsMarked(error) ? new RpcException(error.Status, Unmarked(error.Trailers)) : error;

    /// <summary>A copy of trailers without the mark.</summary>
    internal static Metadata Unmarked(Metadata trailers) => [.. trailers.Where(static e => e.Key != TrailerKey)];

    /// <summary>Takes the mark out of trailers.</summary>
    internal static void Unmark(Metadata trailers)
    {
        for (var i = trailers.Count - 1; i >= 0; i--)
        {
            if (trailers[i].Key == TrailerKey)
            {
                trailers.RemoveAt(i);
            }
        }
    }

    /// <summary>Whether a failure carries the mark.</summary>
    public static bool IsMarked(RpcException error) => error.Trailers.Count > 0 && error.Trailers.Get(TrailerKey) is not null;
}
