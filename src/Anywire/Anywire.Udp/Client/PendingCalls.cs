using Anywire.Udp.Format;
using Grpc.Core;

namespace Anywire.Udp.Client;

/// <summary>The calls of a session that wait for their ends. A call's number is its place, and how often that was taken before. Bounded. Any thread may use it.</summary>
internal sealed class PendingCalls(string service)
{
    /// <summary>More would only wait in memory: their handler does not keep up.</summary>
    public const int Most = Messages.Places;

    private readonly Lock _lock = new();
    private readonly Stack<int> _free = new();
    private (PendingCall? Call, ulong Turn)[] _places = new (PendingCall?, ulong)[64];
    private int _used;
    private int _count;
    private RpcException? _closed;

    public int Count => Volatile.Read(ref _count);

    /// <summary>Takes a call in and numbers it.</summary>
    /// <returns>Its number; the call may have ended by now, and have another elsewhere.</returns>
    /// <exception cref="RpcException">RESOURCE_EXHAUSTED: too many wait already; or what the session has ended with.</exception>
    public ulong Add(PendingCall call)
    {
        lock (_lock)
        {
            if (_closed is not null)
            {
                throw new RpcException(_closed.Status, _closed.Trailers);
            }
            if (!_free.TryPop(out var place))
            {
                if (_used == Most)
                {
                    throw new RpcException(new Status(
                        StatusCode.ResourceExhausted, $"{Most:N0} calls to {service} wait for their answers, and no more may. Try again in a moment."));
                }
                place = _used++;
                if (place == _places.Length)
                {
                    Array.Resize(ref _places, 2 * place);
                }
            }
            ref var entry = ref _places[place];
            entry = (call, entry.Turn + 1);
            call.Id = (entry.Turn * Most) + (uint)place;
            call.IsPending = true;
            _count++;
            return call.Id;
        }
    }

    /// <summary>The call of that number; null when it has ended.</summary>
    public PendingCall? Find(ulong id)
    {
        lock (_lock)
        {
            return At(id);
        }
    }

    /// <summary>Removes the call of that number.</summary>
    /// <returns>The call; null when it has ended.</returns>
    public PendingCall? Take(ulong id)
    {
        lock (_lock)
        {
            if (At(id) is not { } call)
            {
                return null;
            }
            Free(call);
            return call;
        }
    }

    /// <summary>Removes a call. Whoever does decides what becomes of it.</summary>
    /// <returns>False when it is not there any more.</returns>
    public bool Remove(PendingCall call)
    {
        // Only whoever takes it makes this false, and has no reason to look again.
        if (!call.IsPending)
        {
            return false;
        }
        lock (_lock)
        {
            if (!ReferenceEquals(At(call.Id), call))
            {
                return false;
            }
            Free(call);
            return true;
        }
    }

    /// <summary>Adds those to a list whose time has come: to be asked again, or to be given up.</summary>
    public void FindDue(long now, List<PendingCall> due)
    {
        lock (_lock)
        {
            for (var i = 0; i < _used; i++)
            {
                if (_places[i].Call is { } call && (call.DueAt <= now || call.DeadlineAt <= now))
                {
                    call.Share();
                    due.Add(call);
                }
            }
        }
    }

    /// <summary>Has all asked again at once.</summary>
    /// <param name="wait">How long they are waited for after that.</param>
    /// <param name="now">The time, as a timestamp.</param>
    public void Hurry(TimeSpan wait, long now)
    {
        lock (_lock)
        {
            foreach (var (call, _) in _places)
            {
                if (call is not null)
                {
                    (call.Wait, call.DueAt) = (wait, now);
                }
            }
        }
    }

    /// <summary>Takes no more calls.</summary>
    /// <param name="reason">What those that come later fail with.</param>
    /// <returns>Those that waited, and do so no more.</returns>
    public IReadOnlyList<PendingCall> Close(RpcException reason)
    {
        lock (_lock)
        {
            _closed ??= reason;
            PendingCall[] waiting = [.. _places.Select(p => p.Call).OfType<PendingCall>()];
            Array.ForEach(waiting, Free);
            return waiting;
        }
    }

    private PendingCall? At(ulong id)
    {
        var place = id % Most;
        return place < (uint)_places.Length && _places[place] is { Call: { } call } && call.Id == id ? call : null;
    }

    private void Free(PendingCall call)
    {
        var place = (int)(call.Id % Most);
        _places[place].Call = null;
        _free.Push(place);
        _count--;
        call.IsPending = false;
    }
}
