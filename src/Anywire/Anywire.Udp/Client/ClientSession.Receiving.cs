using System.Net.Sockets;
using Anywire.Udp.Diagnostics;
using Anywire.Udp.Format;
using Anywire.Udp.Sockets;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Anywire.Udp.Client;

internal sealed partial class ClientSession
{
    // On one machine an answer takes less, and across a continent little more.
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan WorkingWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Tact = TimeSpan.FromMilliseconds(10);

    // Each is a datagram of its own: some may get lost.
    private const int Probes = 8;

    private readonly List<PendingCall> _due = [];
    private readonly Arrivals _arrivals;
    private readonly TaskCompletionSource _heard = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _wasHeard;

    public bool Open(Memory<byte> datagram, PeerAddress from, MessageReader messages)
    {
        if (!Datagram.TryRead(datagram.Span, out var head) || head.Session != Id)
        {
            RefusedDatagrams.Count("unknown");
            return false;
        }
        if (head.Kind == DatagramKind.Unknown && Seals is null)
        {
            Lose("it has been started again, and knows nothing of this one");
            return false;
        }
        if (Open(head, datagram, messages) is { } problem)
        {
            RefusedDatagrams.Count(problem);
            return false;
        }
        if (!_wasHeard)
        {
            _wasHeard = true;
            _heard.TrySetResult();
        }
        return true;
    }

    public void Take(MessageReader message)
    {
        switch (message.Kind)
        {
            case MessageKind.Handled:
                var handled = _calls.Take(message.UInt64());
                message.Release();
                handled?.TakeHandled();
                break;
            case MessageKind.End:
                _calls.Take(message.UInt64())?.TakeEnd(message);
                break;
            case MessageKind.Headers:
                if (_calls.Find(message.UInt64()) is { } begun)
                {
                    begun.TakeHeaders(message.Metadata() ?? []);
                    IsWorkedOn(begun);
                }
                break;
            case MessageKind.Working:
                if (_calls.Find(message.UInt64()) is { } running)
                {
                    IsWorkedOn(running);
                }
                break;
            case MessageKind.Report:
                TakeReport(message.UInt64(), message.UInt64(), message.UInt32(), message.UInt32());
                break;
            case MessageKind.Leaving:
                TakeLeaving(message.Byte() != 0);
                break;
            default:
                // A later version may have more to say.
                break;
        }
    }

    /// <summary>The handler has said what came.</summary>
    public void TakeReport(ulong next, ulong received, uint kernelDrops, uint window)
    {
        lock (_window)
        {
            _window.Take(Math.Min(next, NextCounter), received, (int)Math.Min(window, int.MaxValue));
        }
        WakeForReport();
    }

    /// <summary>Completes when a datagram has come from the handler, in answer to one that it was sent.</summary>
    /// <exception cref="OperationCanceledException">None came in time.</exception>
    /// <exception cref="UnreachableException">The session has ended before.</exception>
    public async Task ProveAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Probe();
            try
            {
                await Task.WhenAny(_heard.Task, Ended).WaitAsync(FirstWait, _options.Time, cancellationToken);
                if (HasEnded)
                {
                    throw new UnreachableException(await Ended);
                }
                return;
            }
            catch (TimeoutException)
            {
                // The probe or its answer was lost.
            }
        }
    }

    /// <summary>The handler has said over the control connection up to where datagrams came.</summary>
    public void TakeCounters(ulong next)
    {
        lock (_window)
        {
            _window.Advance(Math.Min(next, NextCounter));
        }
        WakeForReport();
        if (_arrivals.Look(NextCounter, next, Window.Received, _calls.Count > 0, out var problem))
        {
            for (var i = 0; i < Probes; i++)
            {
                Probe();
            }
        }
        if (problem is not null)
        {
            Lose(problem);
        }
    }

    public void Refuse(MalformedMessageException problem) => RefusedDatagrams.Count("malformed");

    public void Broke(Exception error) => _options.Loggers.CreateLogger<ClientSession>().MessageFailed($"{_options.Service} at {Endpoint}", error);

    public void RanDry() => Flush();

    public void Failed(SocketException error)
    {
        // Linux says the one of a port where nobody listens, and Windows the other.
        if (error.SocketErrorCode is SocketError.ConnectionRefused or SocketError.ConnectionReset && Seals is null)
        {
            Lose("nobody listens there any more");
        }
    }

    private void TakeLeaving(bool hasGone)
    {
        if (Seals is not null)
        {
            return;
        }
        Leave();
        if (hasGone)
        {
            Lose("it has gone");
        }
    }

    /// <summary>Its handler takes no new calls, and has answered those it has taken: what waits is asked for once more, for an answer may have been lost, and soon nobody can give it again.</summary>
    public void Leave()
    {
        IsLeaving = true;
        _calls.Hurry(FirstWait, _options.Time.GetTimestamp());
    }

    // It came, so there is no hurry to ask again.
    private void IsWorkedOn(PendingCall call)
    {
        call.Wait = WorkingWait;
        call.DueAt = _options.Time.GetTimestamp() + (long)(WorkingWait.TotalSeconds * _options.Time.TimestampFrequency);
    }

    private void Tick()
    {
        if (!Monitor.TryEnter(_due))
        {
            // The last one is not done yet.
            return;
        }
        try
        {
            var now = _options.Time.GetTimestamp();
            _calls.FindDue(now, _due);
            foreach (var call in _due)
            {
                if (call.DeadlineAt > now)
                {
                    AskAgain(call, call.Wait * 2 < LongestWait ? call.Wait * 2 : LongestWait, now);
                }
                else if (_calls.Remove(call))
                {
                    call.Fail(new Status(StatusCode.DeadlineExceeded, "The deadline passed."));
                }
            }
            _due.Clear();
        }
        finally
        {
            Monitor.Exit(_due);
        }
        if (_calls.Count == 0)
        {
            Rest();
        }
    }

    private void BeginTicking()
    {
        lock (_ticking)
        {
            if (!_isTicking)
            {
                _isTicking = true;
                _ticks.Change(Tact, Tact);
            }
        }
    }

    // Under the lock, for the timer must stand where the flag says: stopped after it was begun again it would never be begun any more.
    private void Rest()
    {
        lock (_ticking)
        {
            if (!_isTicking)
            {
                // Of two ticks that came together the other has stopped it.
                return;
            }
            _isTicking = false;
            Interlocked.MemoryBarrier();
            if (_calls.Count > 0)
            {
                _isTicking = true;
                return;
            }
            try
            {
                _ticks.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            }
            catch (ObjectDisposedException)
            {
                // The session has ended meanwhile.
            }
        }
    }
}
