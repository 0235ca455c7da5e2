using System.Collections.Concurrent;
using Anywire;
using Grpc.Core;
using Twite.Accounts.Assertions;
using Twite.Contracts;
using Twite.Storage;

namespace Twite.Accounts.Sessions;

/// <summary>Answers the hot call: who holds a token. What was found good is remembered; sessions that this process ends are forgotten at once
/// (<see cref="CatchUp"/>), those that a tool beside it ends within two <see cref="AccountsOptions.SessionRecheckInterval"/>, and those that a
/// replica ends at once too: there each call looks whether one did, and calls that come together share a look. Nothing is awaited:
/// what has to be read is read synchronously. Any thread may use it.</summary>
internal sealed class SessionVerifier(SessionsStore store, AssertionKeyring keys, AccountsOptions options, TimeProvider time)
{
    private readonly SessionCache _cache = new(options.SessionCacheSize);
    private readonly Lock _catchingUp = new();
    private ConcurrentDictionary<long, long> _used = new();
    private long _seenChange = store.LatestChange();
    private long _caughtUpAt = time.GetTimestamp();
    private long _calls;
    private long _lookedForCall;
    private StorageException? _lookFailed;

    /// <summary>Who holds a token. The reply is shared with other callers: do not change it.</summary>
    /// <returns>A completed task.</returns>
    /// <exception cref="RpcException">UNAUTHENTICATED: the token is unknown, ended or expired, or the account is suspended.</exception>
    public Task<VerifySessionReply> Verify(string token)
    {
        if (!SessionToken.TryHash(token, out var hash))
        {
            throw Ended();
        }
        if (store.IsShared)
        {
            CatchUpWithReplicas();
        }
        else
        {
            CatchUpWhenDue();
        }
        var now = time.GetUtcNow().UtcTicks;
        var session = _cache.Find(hash);
        if (session is null || !session.IsAlive(now))
        {
            session = Read(hash, now);
        }
        if (session.Use(now))
        {
            Volatile.Read(ref _used)[session.Id] = now / TimeSpan.TicksPerMinute * TimeSpan.TicksPerMinute;
        }
        return session.Reply(keys.Signer, now, options.AssertionReuse);
    }

    /// <summary>Forgets the sessions that were ended, and the accounts that were changed, by whatever was committed until now.</summary>
    public void CatchUp()
    {
        lock (_catchingUp)
        {
            CatchUpLocked();
        }
    }

    /// <summary>Which sessions were used since this was last asked, by id, and in which minute (UTC ticks).</summary>
    public IReadOnlyDictionary<long, long> TakeUsed() => Interlocked.Exchange(ref _used, new ConcurrentDictionary<long, long>());

    private VerifiedSession Read(TokenHash hash, long now)
    {
        var found = store.FindByToken(hash, out var asOfChange);
        if (found is null || (found.ExpiresAt is { } expiresAt && expiresAt.UtcTicks <= now))
        {
            throw Ended();
        }
        if (found.Account.Suspended)
        {
            throw RpcErrors.Failure(StatusCode.Unauthenticated, "SUSPENDED", $"The account {found.Account.Name} is suspended.");
        }
        var session = new VerifiedSession(found.Id, found.Account, found.ExpiresAt, options.SessionLifetime);
        _cache.Add(hash, session, asOfChange);
        return session;
    }

    // Who has logged out at one replica is out at all of them: a look that began after this call is enough for it. So is its failure: while the
    // database does not answer, calls must not wait for it one after another.
    private void CatchUpWithReplicas()
    {
        var call = Interlocked.Increment(ref _calls);
        lock (_catchingUp)
        {
            if (_lookedForCall < call)
            {
                var latest = Volatile.Read(ref _calls);
                StorageException? failure = null;
                try
                {
                    CatchUpLocked();
                }
                catch (StorageException error)
                {
                    failure = error;
                }
                (_lookedForCall, _lookFailed) = (latest, failure);
            }
            if (_lookFailed is { } failed)
            {
                throw new StorageException(failed.Failure, failed.Message, failed);
            }
        }
    }

    private void CatchUpWhenDue()
    {
        var age = time.GetElapsedTime(Volatile.Read(ref _caughtUpAt));
        if (age < options.SessionRecheckInterval)
        {
            return;
        }
        // One caller looks; the others wait for it only when what is known is twice as old as it should be.
        if (age >= options.SessionRecheckInterval * 2)
        {
            _catchingUp.Enter();
        }
        else if (!_catchingUp.TryEnter())
        {
            return;
        }
        try
        {
            if (time.GetElapsedTime(_caughtUpAt) >= options.SessionRecheckInterval)
            {
                CatchUpLocked();
            }
        }
        finally
        {
            _catchingUp.Exit();
        }
    }

    private void CatchUpLocked()
    {
        var askedAt = time.GetTimestamp();
        var changes = store.ChangesAfter(_seenChange);
        if (changes.Count > 0)
        {
            // A gap means that more happened than is kept.
            var accountIds = changes[0].Id == _seenChange + 1 ? changes.Select(change => change.AccountId) : null;
            _cache.Forget(accountIds, changes[^1].Id);
            _seenChange = changes[^1].Id;
        }
        Volatile.Write(ref _caughtUpAt, askedAt);
    }

    private static RpcException Ended() => RpcErrors.Failure(StatusCode.Unauthenticated, "SESSION_ENDED", "This session has ended. Log in again.");
}
