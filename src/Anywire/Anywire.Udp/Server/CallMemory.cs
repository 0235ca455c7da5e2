using System.Runtime.InteropServices;
using Anywire.Udp.Format;

namespace Anywire.Udp.Server;

/// <summary>What a session's calls came to, so that a request that comes again is not executed again. A call's number is its place and how often that was taken before: who takes a place
/// again has ended the call before, so that the newest call of each place is all that must be known. Any thread may use it.</summary>
internal sealed class CallMemory
{
    // Of answers that say more than that it was handled; then the oldest are forgotten.
    private const int MostBytes = 512 * 1024;

    // So many places of the queue may be of answers that are not kept any more, besides one for each that is.
    private const int MostStale = 256;

    // The answer of most calls: handled, and nothing more to say.
    private static readonly object HandledMark = new();

    private readonly Lock _lock = new();
    private readonly Dictionary<int, Newest> _places = [];
    private readonly Queue<ulong> _answers = new();
    private int _kept;
    private int _bytes;

    /// <summary>Notes a call; gives what it knows about it when it came before.</summary>
    public Known Begin(ulong id, ServerCall call)
    {
        lock (_lock)
        {
            ref var newest = ref At(id, out var isNew);
            if (isNew || newest.Id < id || (newest.Id == id && newest.What is null))
            {
                var overtaken = newest.What as ServerCall;
                Drop(newest);
                newest = new Newest(id, call);
                return new Known(IsKnown: false, overtaken, null);
            }
            return newest.Id > id
                ? new Known(IsKnown: true, null, null, IsOver: true)
                : new Known(IsKnown: true, newest.What as ServerCall, newest.What as byte[]);
        }
    }

    /// <summary>Keeps how a call ended.</summary>
    /// <param name="id">The call.</param>
    /// <param name="answer">The message that said so; null when it was only handled.</param>
    public void End(ulong id, byte[]? answer)
    {
        lock (_lock)
        {
            ref var newest = ref At(id, out _);
            if (newest.Id == id)
            {
                // An answer that nobody asks for could be forgotten, and the call be executed again.
                Keep(ref newest, answer is not null && newest.What is ServerCall { IsGivenUp: true } ? null : answer);
            }
        }
    }

    /// <summary>The caller has given a call up: whenever its request comes after this, it is not executed.</summary>
    /// <returns>The call when it runs, or the one that ran in its place before; null when nothing has to be stopped.</returns>
    public ServerCall? Cancel(ulong id)
    {
        lock (_lock)
        {
            ref var newest = ref At(id, out _);
            if (newest.Id > id)
            {
                return null;
            }
            var running = newest.What as ServerCall;
            if (running is not null && newest.Id == id)
            {
                running.IsGivenUp = true;
                return running;
            }
            Drop(newest);
            newest = new Newest(id, HandledMark);
            return running;
        }
    }

    /// <summary>The calls that run.</summary>
    public IReadOnlyList<ServerCall> Running()
    {
        lock (_lock)
        {
            return [.. _places.Values.Select(static p => p.What).OfType<ServerCall>()];
        }
    }

    private void Keep(ref Newest newest, byte[]? answer)
    {
        Drop(newest);
        newest.What = answer ?? HandledMark;
        if (answer is null)
        {
            return;
        }
        _answers.Enqueue(newest.Id);
        _kept++;
        _bytes += answer.Length;
        while (_bytes > MostBytes)
        {
            var oldest = _answers.Dequeue();
            ref var place = ref At(oldest, out _);
            if (IsKept(place, oldest))
            {
                Drop(place);
                place.What = null;
            }
        }
        if (_answers.Count > (2 * _kept) + MostStale)
        {
            for (var left = _answers.Count; left > 0; left--)
            {
                var call = _answers.Dequeue();
                if (IsKept(At(call, out _), call))
                {
                    _answers.Enqueue(call);
                }
            }
        }
    }

    private static bool IsKept(in Newest place, ulong call) => place.Id == call && place.What is byte[];

    // What is not kept any more takes no room from what is.
    private void Drop(in Newest place)
    {
        if (place.What is byte[] answer)
        {
            _kept--;
            _bytes -= answer.Length;
        }
    }

    private ref Newest At(ulong id, out bool isNew)
    {
        ref var newest = ref CollectionsMarshal.GetValueRefOrAddDefault(_places, (int)(id % Messages.Places), out var exists);
        isNew = !exists;
        return ref newest;
    }

    /// <summary>What is known of a call.</summary>
    /// <param name="IsKnown">Whether it came before.</param>
    /// <param name="Running">It runs; of one that did not come before: another that runs, and was given up by its caller.</param>
    /// <param name="Answer">It was answered with that; null when it does not run: handled.</param>
    /// <param name="IsOver">Its caller has ended it: no answer is wanted.</param>
    public readonly record struct Known(bool IsKnown, ServerCall? Running, byte[]? Answer, bool IsOver = false);

    /// <summary>The newest call of a place, and what it came to: the call while it runs, its answer, or null when that was forgotten.</summary>
    private record struct Newest(ulong Id, object? What);
}
