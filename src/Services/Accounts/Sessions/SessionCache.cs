using System.Collections.Concurrent;

namespace Twite.Accounts.Sessions;

/// <summary>Remembers verified sessions by the hashes of their tokens: about as many as the capacity, the lately used ones. Two generations: those used
/// since the last turn and those used before; when the young one has grown to half of the capacity it becomes the old one, and what was in
/// the old one is forgotten. Any thread may use it; finding takes no lock.</summary>
internal sealed class SessionCache(int capacity)
{
    private readonly Lock _gate = new();
    private readonly int _turnAt = Math.Max(1, capacity / 2);
    private volatile Generation _young = new();
    private volatile Generation _old = new();
    private long _appliedChange;

    /// <summary>How many sessions are remembered.</summary>
    public int Count => _young.Sessions.Count + _old.Sessions.Count;

    /// <summary>Finds a session.</summary>
    public VerifiedSession? Find(TokenHash token)
    {
        if (_young.Sessions.TryGetValue(token, out var session))
        {
            return session;
        }
        if (!_old.Sessions.TryGetValue(token, out session))
        {
            return null;
        }
        lock (_gate)
        {
            // Forgotten meanwhile: then it must not come back.
            if (_old.Sessions.ContainsKey(token))
            {
                _old.Sessions.TryRemove(token, out _);
                Keep(token, session);
            }
        }
        return session;
    }

    /// <summary>Remembers a session.</summary>
    /// <param name="token">The hash of its token.</param>
    /// <param name="session">What was read.</param>
    /// <param name="asOfChange">The latest change of sessions that was visible to who read it: when a later one is known here
    /// already, what was read may be stale and is not remembered.</param>
    public void Add(TokenHash token, VerifiedSession session, long asOfChange)
    {
        lock (_gate)
        {
            if (asOfChange >= _appliedChange)
            {
                Keep(token, session);
            }
        }
    }

    /// <summary>Forgets the sessions of accounts that changed.</summary>
    /// <param name="accountIds">Whose sessions; null for everybody's.</param>
    /// <param name="upToChange">The latest change that this takes into account.</param>
    public void Forget(IEnumerable<long>? accountIds, long upToChange)
    {
        lock (_gate)
        {
            _appliedChange = upToChange;
            if (accountIds is null)
            {
                _young = new Generation();
                _old = new Generation();
                return;
            }
            foreach (var accountId in accountIds)
            {
                _young.Forget(accountId);
                _old.Forget(accountId);
            }
        }
    }

    private void Keep(TokenHash token, VerifiedSession session)
    {
        if (_young.Sessions.Count >= _turnAt)
        {
            _old = _young;
            _young = new Generation();
        }
        _young.Keep(token, session);
    }

    private sealed class Generation
    {
        private readonly Dictionary<long, HashSet<TokenHash>> _byAccount = [];

        public ConcurrentDictionary<TokenHash, VerifiedSession> Sessions { get; } = new();

        public void Keep(TokenHash token, VerifiedSession session)
        {
            Sessions[token] = session;
            if (!_byAccount.TryGetValue(session.Account.Id, out var tokens))
            {
                _byAccount.Add(session.Account.Id, tokens = []);
            }
            tokens.Add(token);
        }

        public void Forget(long accountId)
        {
            if (_byAccount.Remove(accountId, out var tokens))
            {
                foreach (var token in tokens)
                {
                    Sessions.TryRemove(token, out _);
                }
            }
        }
    }
}
