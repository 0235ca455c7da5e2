using System.Collections;
using Twite.Lab.Load;
using Twite.Lab.Processes;

namespace Twite.Lab.Event;

/// <summary>What events have come, and how: what is missing, doubled or out of order is seen here, not believed. Any thread may use it.</summary>
internal sealed class EventLedger(TimeProvider time)
{
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(5);

    private readonly Lock _lock = new();
    private readonly double _nanosecondsPerTick = 1e9 / time.TimestampFrequency;
    private int _run = -1;
    private BitArray _seen = new(1_024);
    private long _last;
    private long _distinct;
    private long _doubles;
    private long _inversions;
    private long _first;
    private long _end;
    private Latencies _latencies = new();

    /// <summary>Notes one that has come. Of the newest run only: a straggler of an older one has been counted as lost.</summary>
    public void Note(EventId came)
    {
        var now = time.GetTimestamp();
        lock (_lock)
        {
            if (came.Run > _run)
            {
                Begin(came.Run);
            }
            if (came.Run < _run)
            {
                return;
            }
            var number = (int)came.Number;
            if (number >= _seen.Length)
            {
                _seen.Length = Math.Max(number + 1, _seen.Length * 2);
            }
            if (_seen[number])
            {
                _doubles++;
                return;
            }
            _seen[number] = true;
            _distinct++;
            _first = Math.Min(_first, came.From);
            _end = now;
            _inversions += number < _last ? 1 : 0;
            _last = Math.Max(_last, number);
            _latencies.Record((long)((now - came.From) * _nanosecondsPerTick));
        }
    }

    /// <summary>Waits a while for the last events of a run, and tells what came.</summary>
    public async Task<EventsReceived> CloseAsync(ReadEvents order, CancellationToken cancellationToken)
    {
        // A broker may have taken more than the receiver handles in that time: what still comes is not lost.
        var (count, since) = (Count(order), time.GetTimestamp());
        while (count < order.Sent && time.GetElapsedTime(since) < TimeSpan.FromSeconds(order.PatienceSeconds))
        {
            await Task.Delay(Glance, time, cancellationToken);
            var now = Count(order);
            (count, since) = (now, now > count ? time.GetTimestamp() : since);
        }
        lock (_lock)
        {
            if (order.Run > _run)
            {
                // Not one came.
                Begin(order.Run);
            }
            var seconds = _distinct == 0 ? 0 : time.GetElapsedTime(_first, _end).TotalSeconds;
            return new EventsReceived(CountOf(order), _doubles, _inversions, seconds, _latencies.Encode());
        }
    }

    private long Count(ReadEvents order)
    {
        lock (_lock)
        {
            return order.Run == _run ? CountOf(order) : 0;
        }
    }

    private long CountOf(ReadEvents order) => _distinct - order.Failed.Count(number => number < _seen.Length && _seen[(int)number]);

    private void Begin(int run)
    {
        (_run, _last, _distinct, _doubles, _inversions, _latencies) = (run, 0, 0, 0, 0, new Latencies());
        (_first, _end) = (long.MaxValue, 0);
        _seen = new BitArray(1_024);
    }
}
