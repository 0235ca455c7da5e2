using Anywire;
using Grpc.Core;
using Twite.Contracts;
using Twite.Storage;

namespace Twite.Accounts.Sessions;

/// <summary>Sessions and API tokens as they are stored.</summary>
internal sealed class SessionsStore(Database database)
{
    /// <summary>The most expired sessions that are removed at once.</summary>
    public const int ExpiredAtOnce = 500;

    private const int ChangesKept = 10_000;

    /// <summary>A session by its token, whether expired or not, and the latest change of sessions that was visible then.</summary>
    public FoundSession? FindByToken(TokenHash token, out long asOfChange)
    {
        (var found, asOfChange) = database.Read(connection =>
        {
            var change = LatestChange(connection);
            using var rows = connection.Query($"""
                SELECT {AccountRow.Columns}, s.id, s.expires_at
                FROM sessions s JOIN accounts a ON a.id = s.account_id WHERE s.token_hash = ?1
                """, token.ToArray());
            return rows.Read()
                ? (new FoundSession(rows.GetInt64(6), AccountRow.Read(rows).ToContract(), rows.IsDBNull(7) ? null : Time(rows.GetInt64(7))), change)
                : ((FoundSession?)null, change);
        });
        return found;
    }

    /// <summary>Whether replicas end sessions too.</summary>
    public bool IsShared => database.IsShared;

    /// <summary>The number of the latest change of sessions; 0 when there was none.</summary>
    public long LatestChange() => database.Read(LatestChange);

    /// <summary>The changes of sessions after one, in their order.</summary>
    public IReadOnlyList<SessionChange> ChangesAfter(long id) => database.Read(connection => connection.List(
        row => new SessionChange(row.GetInt64(0), row.GetInt64(1)),
        "SELECT id, account_id FROM session_changes WHERE id > ?1 ORDER BY id",
        id));

    /// <summary>The sessions and API tokens of an account that have not expired, newest first.</summary>
    public IReadOnlyList<SessionRow> List(long accountId, DateTimeOffset now) => database.Read(connection => connection.List(
        row => new SessionRow(row.GetInt64(0), row.GetString(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4)),
        """
        SELECT id, label, created_at, last_used_at, api_token
        FROM sessions WHERE account_id = ?1 AND (expires_at IS NULL OR expires_at > ?2) ORDER BY id DESC
        """,
        accountId, now.ToUnixTimeMilliseconds()));

    /// <summary>Starts a session of an account in good standing; ends the one not used for longest when there would be too many.</summary>
    /// <returns>False, and nothing is started, when the password is another by now: a change of it ends sessions, also those about to start.</returns>
    public Task<bool> StartAsync(VerifiedAccount verified, NewSession session, int maxSessions, CancellationToken cancellationToken) => database.WriteAsync(
        write =>
        {
            var accountId = verified.Account.Id;
            AccountsStore.RequireActive(write.Connection, accountId);
            if (!AccountsStore.HasPassword(write, accountId, verified.Password))
            {
                return false;
            }
            Insert(write, accountId, session);
            var ended = write.Connection.Run("""
                DELETE FROM sessions WHERE id IN (
                    SELECT id FROM sessions WHERE account_id = ?1 AND api_token = 0
                    ORDER BY last_used_at DESC, id DESC LIMIT ?3 OFFSET ?2)
                """, accountId, maxSessions, long.MaxValue);
            if (ended > 0)
            {
                NoteChange(write, accountId);
            }
            return true;
        },
        cancellationToken);

    /// <summary>Makes an API token. FAILED_PRECONDITION when the account has too many.</summary>
    public Task CreateTokenAsync(long accountId, NewSession token, int maxTokens, CancellationToken cancellationToken) => database.WriteAsync(
        write =>
        {
            AccountsStore.RequireActive(write.Connection, accountId);
            if (write.Connection.FindInt64("SELECT count(*) FROM sessions WHERE account_id = ?1 AND api_token = 1", accountId) >= maxTokens)
            {
                throw RpcErrors.Failure(StatusCode.FailedPrecondition, "TOO_MANY_TOKENS",
                    $"An account has at most {maxTokens} API tokens. End one that is no longer needed first.");
            }
            Insert(write, accountId, token);
        },
        cancellationToken);

    /// <summary>Ends the session of a token, if there is one.</summary>
    public Task EndByTokenAsync(TokenHash token, CancellationToken cancellationToken) => database.WriteAsync(
        write => NoteEnded(write, write.Connection.FindInt64("DELETE FROM sessions WHERE token_hash = ?1 RETURNING account_id", token.ToArray())),
        cancellationToken);

    /// <summary>Ends a session of an account, if it is the account's.</summary>
    public Task EndAsync(long accountId, long id, CancellationToken cancellationToken) => database.WriteAsync(
        write => NoteEnded(write, write.Connection.FindInt64("DELETE FROM sessions WHERE id = ?1 AND account_id = ?2 RETURNING account_id", id, accountId)),
        cancellationToken);

    /// <summary>Notes when sessions were last used, and lets them live longer.</summary>
    /// <param name="used">By session's id: when, in UTC ticks.</param>
    /// <param name="lifetime">How long a session lives without being used.</param>
    /// <param name="cancellationToken">Drops what has not started.</param>
    public async Task NoteUsedAsync(IReadOnlyDictionary<long, long> used, TimeSpan lifetime, CancellationToken cancellationToken)
    {
        // Some at a time: other writers wait for a piece of work.
        foreach (var some in used.Chunk(200))
        {
            await database.WriteAsync(
                write =>
                {
                    foreach (var (id, utcTicks) in some)
                    {
                        var at = new DateTimeOffset(utcTicks, TimeSpan.Zero).ToUnixTimeMilliseconds();
                        write.Connection.Send("""
                            UPDATE sessions SET last_used_at = ?2, expires_at = CASE WHEN expires_at IS NULL THEN NULL ELSE ?3 END
                            WHERE id = ?1 AND last_used_at < ?2
                            """, id, at, at + (long)lifetime.TotalMilliseconds);
                    }
                },
                cancellationToken);
        }
    }

    /// <summary>Removes some sessions that have expired.</summary>
    /// <returns>How many; fewer than <see cref="ExpiredAtOnce"/> when these were the last.</returns>
    public Task<int> RemoveExpiredAsync(CancellationToken cancellationToken) => database.WriteAsync(
        write => write.Connection.Run(
            "DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)",
            write.Now.ToUnixTimeMilliseconds(), ExpiredAtOnce),
        cancellationToken);

    /// <summary>Adds a session or API token within a write.</summary>
    public static void Insert(WriteSession write, long accountId, NewSession session)
    {
        var id = write.NextId().Id;
        var now = write.Now.ToUnixTimeMilliseconds();
        write.Connection.Send("""
            INSERT INTO sessions (id, account_id, token_hash, label, api_token, created_at, last_used_at, expires_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6 - ?6 % 60000, ?7)
            """, id, accountId, session.Token.ToArray(), session.Label, session.ExpiresAt is null ? 1 : 0, now, session.ExpiresAt?.ToUnixTimeMilliseconds());
    }

    /// <summary>Lets every process know that what it remembers of an account's sessions is stale.</summary>
    public static void NoteChange(WriteSession write, long accountId)
    {
        // Whoever writes is alone: the next number is free.
        var id = write.Connection.FindInt64(
            "INSERT INTO session_changes (id, account_id) SELECT coalesce(max(id), 0) + 1, ?1 FROM session_changes RETURNING id", accountId);
        write.Connection.Send("DELETE FROM session_changes WHERE id <= ?1", id - ChangesKept);
    }

    private static void NoteEnded(WriteSession write, long? accountId)
    {
        if (accountId is { } id)
        {
            NoteChange(write, id);
        }
    }

    // The latest are never removed.
    private static long LatestChange(StorageConnection connection) => connection.FindInt64("SELECT max(id) FROM session_changes") ?? 0;

    private static DateTimeOffset Time(long unixMilliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(unixMilliseconds);
}

/// <summary>A session that was found by its token. Immutable.</summary>
internal sealed record FoundSession(long Id, Account Account, DateTimeOffset? ExpiresAt);

/// <summary>A session or API token to be stored; one that does not expire is an API token. Immutable.</summary>
internal sealed record NewSession(TokenHash Token, string Label, DateTimeOffset? ExpiresAt);

/// <summary>A session as it is listed, times in Unix milliseconds. Immutable.</summary>
internal sealed record SessionRow(long Id, string Label, long CreatedAt, long LastUsedAt, long ApiToken);

/// <summary>What remembered sessions are stale after. Immutable.</summary>
internal readonly record struct SessionChange(long Id, long AccountId);
