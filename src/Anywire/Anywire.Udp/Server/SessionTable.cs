using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Anywire.Udp.Server;

/// <summary>The sessions of a server by their numbers. Bounded. Any thread may use it.</summary>
internal sealed class SessionTable(int most)
{
    private readonly ConcurrentDictionary<uint, ServerSession> _sessions = new();
    private readonly ConcurrentDictionary<ulong, ServerSession> _byInstance = new();
    private readonly Lock _lock = new();
    private int _count;
    private (long Sent, long Unsent, long Received, long Missing) _ended;

    public int Count => Volatile.Read(ref _count);

    public IEnumerable<ServerSession> All => _sessions.Values;

    /// <summary>What sessions that are no more have sent and received.</summary>
    public (long Sent, long Unsent, long Received, long Missing) Ended
    {
        get
        {
            lock (_lock)
            {
                return _ended;
            }
        }
    }

    public ServerSession? Find(uint id) => _sessions.GetValueOrDefault(id);

    /// <summary>The session that a caller's start was given on a plain wire.</summary>
    public ServerSession? FindInstance(ulong instance) => _byInstance.GetValueOrDefault(instance);

    /// <summary>Makes a session; null when there are as many as may be.</summary>
    /// <param name="make">Makes it with its number.</param>
    public ServerSession? Add(Func<uint, ServerSession> make)
    {
        lock (_lock)
        {
            if (_count >= most)
            {
                return null;
            }
            uint id;
            do
            {
                // Not to be guessed: what is sent to a session that is not there costs nothing.
                id = BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(sizeof(uint)));
            }
            while (id == 0 || _sessions.ContainsKey(id));
            var session = make(id);
            _sessions[id] = session;
            if (session.Instance != 0)
            {
                _byInstance[session.Instance] = session;
            }
            _count++;
            return session;
        }
    }

    public void Remove(ServerSession session)
    {
        lock (_lock)
        {
            if (!_sessions.TryRemove(session.Id, out _))
            {
                return;
            }
            _byInstance.TryRemove(new KeyValuePair<ulong, ServerSession>(session.Instance, session));
            _count--;
            _ended = (
                _ended.Sent + (long)session.NextCounter, _ended.Unsent + session.Unsent,
                _ended.Received + (long)session.Window.Received, _ended.Missing + (long)session.Window.Lost);
        }
    }

    /// <summary>Makes room by removing the session that was not heard from for longest.</summary>
    /// <returns>It; null when there is none.</returns>
    public ServerSession? RemoveQuietest()
    {
        var quietest = All.MinBy(s => s.HeardAt);
        if (quietest is not null)
        {
            Remove(quietest);
        }
        return quietest;
    }
}
