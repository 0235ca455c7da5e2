namespace Anywire.Udp.Server;

/// <summary>What a session's calls came to, so that a request that comes again is not executed again: calls that run, and the last answers. Any thread may use it.</summary>
internal sealed class CallMemory
{
    private const int MostAnswers = 8_192;
    private const int MostBytes = 512 * 1024;

    // The answer of most calls: handled, and nothing more to say.
    private static readonly object HandledMark = new();

    private readonly Lock _lock = new();
    private readonly Dictionary<ulong, object> _calls = [];
    private readonly Queue<(ulong Call, int Bytes)> _answered = new();
    private int _bytes;

    /// <summary>Notes a call; gives what it knows about it when it came before.</summary>
    public Known Begin(ulong id, ServerCall call)
    {
        lock (_lock)
        {
            if (_calls.TryAdd(id, call))
            {
                return default;
            }
            return _calls[id] switch
            {
                ServerCall running => new Known(IsKnown: true, running, null),
                byte[] answer => new Known(IsKnown: true, null, answer),
                _ => new Known(IsKnown: true, null, null),
            };
        }
    }

    /// <summary>Keeps how a call ended.</summary>
    /// <param name="id">The call.</param>
    /// <param name="answer">The message that said so; null when it was only handled.</param>
    public void End(ulong id, byte[]? answer)
    {
        lock (_lock)
        {
            _calls[id] = answer ?? HandledMark;
            _answered.Enqueue((id, answer?.Length ?? 0));
            _bytes += answer?.Length ?? 0;
            while (_answered.Count > MostAnswers || _bytes > MostBytes)
            {
                var (oldest, bytes) = _answered.Dequeue();
                _bytes -= bytes;
                _calls.Remove(oldest);
            }
        }
    }

    /// <summary>The caller has given a call up; one that has not come yet will not be executed when it does.</summary>
    /// <returns>The call, when it runs.</returns>
    public ServerCall? Cancel(ulong id)
    {
        lock (_lock)
        {
            if (_calls.TryGetValue(id, out var known))
            {
                return known as ServerCall;
            }
        }
        End(id, null);
        return null;
    }

    /// <summary>The calls that run.</summary>
    public IReadOnlyList<ServerCall> Running()
    {
        lock (_lock)
        {
            return [.. _calls.Values.OfType<ServerCall>()];
        }
    }

    /// <summary>What is known of a call that came before.</summary>
    /// <param name="IsKnown">Whether it came before.</param>
    /// <param name="Running">It runs.</param>
    /// <param name="Answer">It was answered with that; null when it does not run: handled.</param>
    public readonly record struct Known(bool IsKnown, ServerCall? Running, byte[]? Answer);
}
