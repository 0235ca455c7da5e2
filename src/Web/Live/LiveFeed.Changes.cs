using Grpc.Core;
using Twite.Contracts;

namespace Twite.Web.Live;

/// <content>The loop that puts what arrives and what is read into one sequence.</content>
public sealed partial class LiveFeed
{
    private const int PageSize = 500;

    private const int NotificationsKnown = 4_096;

    private readonly RecentIds _notified = new(NotificationsKnown);
    private readonly Backoff _pollBackoff;
    private readonly Backoff _readBackoff;
    private TimeSpan _pollAt;
    private TimeSpan _checkAt;
    private TimeSpan _distrustAt;
    private TimeSpan _readNotBefore;
    private bool _readFails;

    private async Task FollowChangesAsync(CancellationToken cancellationToken)
    {
        await using var alarm = _time.CreateTimer(_ => _inbox.Writer.TryWrite(default), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        // Before the first reading nothing can be in order; what comes meanwhile waits in the inbox.
        while (_sequencer.Mark is null)
        {
            await Task.Delay(UntilReading, _time, cancellationToken);
            await ReadAsync(cancellationToken);
        }
        while (true)
        {
            if (UntilReading is var wait && wait > TimeSpan.Zero)
            {
                alarm.Change(wait, Timeout.InfiniteTimeSpan);
                await _inbox.Reader.WaitToReadAsync(cancellationToken);
            }
            else
            {
                await ReadAsync(cancellationToken);
            }
            await TakeInAsync(cancellationToken);
        }
    }

    // Not the time of day: that may be set back while the program runs.
    private TimeSpan Now => _time.GetElapsedTime(0);

    private TimeSpan UntilReading
    {
        get
        {
            var now = Now;
            // Ticks say that Notifications is there, and not that Messages reaches it.
            var due = _pollAt < _checkAt ? _pollAt : _checkAt;
            if (_sequencer.Patience is { } patience && now + patience < due)
            {
                due = now + patience;
            }
            due = due > _readNotBefore ? due : _readNotBefore;
            return due > now ? due - now : TimeSpan.Zero;
        }
    }

    private async Task TakeInAsync(CancellationToken cancellationToken)
    {
        while (_next.Count < BatchSize && _inbox.Reader.TryRead(out var input))
        {
            if (input.Update is { } update)
            {
                Heard();
                _sequencer.AcceptNumber(update.Sender, update.Epoch, update.Number, update.WhatCase == LiveUpdate.WhatOneofCase.Tick);
                TakeIn(update);
            }
            else if (input.Lease is { } lease)
            {
                _sequencer.AcceptNumber(lease.Sender, lease.Epoch, lease.LastNumber, isStatement: true);
            }
        }
        if (_overflowed)
        {
            _overflowed = false;
            _sequencer.Lose();
        }
        await PublishAsync(cancellationToken);
    }

    private void TakeIn(LiveUpdate update)
    {
        switch (update.WhatCase)
        {
            case LiveUpdate.WhatOneofCase.Posted:
                _checkAt = Now + _options.CheckInterval;
                _sequencer.AcceptChange(new StreamEvent.Posted(update.Posted.Message), update.Posted.PreviousChangeId, _next);
                break;
            case LiveUpdate.WhatOneofCase.Deleted:
                var deleted = update.Deleted;
                _sequencer.AcceptChange(
                    new StreamEvent.Deleted(deleted.ChangeId, deleted.MessageId, deleted.AuthorId), deleted.PreviousChangeId, _next);
                break;
            case LiveUpdate.WhatOneofCase.Followed:
                _follows.Heard(update.Followed, follows: true);
                break;
            case LiveUpdate.WhatOneofCase.Unfollowed:
                _follows.Heard(update.Unfollowed, follows: false);
                break;
            case LiveUpdate.WhatOneofCase.Notified:
                // Datagrams may come twice.
                if (_notified.Add(update.Notified.Notification.Id))
                {
                    _next.Add(new StreamEvent.Notified(update.Notified.AccountId, update.Notified.Notification));
                }
                break;
            case LiveUpdate.WhatOneofCase.AccountClosed:
                _index.Close(update.AccountClosed.AccountId);
                break;
            case LiveUpdate.WhatOneofCase.Tick:
            case LiveUpdate.WhatOneofCase.None:
            default:
                break;
        }
    }

    /// <summary>Reads what comes after the mark, or where the mark is.</summary>
    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            ListChangesReply page;
            var found = false;
            do
            {
                // 0 would ask for the newest id only, and must not when the mark is known to be 0: nothing was there at first.
                var since = _sequencer.Mark is { } mark ? Math.Max(mark, 1) : 0;
                page = await _clients.Messages.ListChangesAsync(
                    new ListChangesRequest { SinceId = since, Limit = PageSize }, cancellationToken: cancellationToken);
                found |= page.Changes.Count > 0;
                if (since == 0)
                {
                    page = new ListChangesReply { UpToId = page.UpToId };
                }
                _sequencer.AcceptPage(page, _next);
                await PublishAsync(cancellationToken);
            }
            while (page.More);

            ReadWorked(found);
        }
        catch (RpcException e) when (!cancellationToken.IsCancellationRequested)
        {
            _readNotBefore = Now + _readBackoff.Next();
            if (!_readFails)
            {
                _readFails = true;
                _logger.ReadFailed(_sequencer.Mark, LiveLog.Reason(e));
            }
        }
    }

    private void ReadWorked(bool found)
    {
        if (found)
        {
            _pollBackoff.Reset();
        }
        var next = Now + _pollBackoff.Next();
        _pollAt = next > _pollAt ? next : _pollAt;
        _checkAt = Now + _options.CheckInterval;
        if (Now >= _distrustAt)
        {
            Distrust();
        }
        _readBackoff.Reset();
        if (_readFails)
        {
            _readFails = false;
            _logger.ReadRecovered();
        }
        _ready.TrySetResult();
    }

    private void Heard()
    {
        _pollAt = Now + _options.Silence;
        _distrustAt = Now + _options.DistrustInterval;
        _pollBackoff.Reset();
    }

    // What is no change of the messages is in no page of them.
    private void Distrust()
    {
        _distrustAt = Now + _options.DistrustInterval;
        _follows.Distrust();
        _accounts.Distrust();
    }

    private async ValueTask PublishAsync(CancellationToken cancellationToken)
    {
        if (_sequencer.TakeLoss())
        {
            Distrust();
        }
        if (_sequencer.Mark is { } mark)
        {
            await _frames.PublishAsync(_next, mark, cancellationToken);
        }
        _next.Clear();
    }
}
