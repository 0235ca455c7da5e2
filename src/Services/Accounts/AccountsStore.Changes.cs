using System.Security.Cryptography;
using System.Text;
using Anywire;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Twite.Accounts.Names;
using Twite.Accounts.Passwords;
using Twite.Accounts.Profiles;
using Twite.Accounts.Sessions;
using Twite.Contracts;
using Twite.Storage;

namespace Twite.Accounts;

internal sealed partial class AccountsStore
{
    private static readonly string[] ToldOfClosing = ["messages", "follows", "notifications"];

    /// <summary>Creates an account with its first session. Fails with ALREADY_EXISTS when the name was given out before.</summary>
    public Task<AccountRow> CreateAsync(AccountName name, PasswordHash password, NewSession session, CancellationToken cancellationToken) =>
        database.WriteAsync(
            write =>
            {
                if (IsRetired(write.Connection, name) || Insert(write, name, "", "", password) is not { } account)
                {
                    throw NameTaken(name);
                }
                SessionsStore.Insert(write, account.Id, session);
                return account;
            },
            cancellationToken);

    /// <summary>Creates accounts without passwords; those that exist are left as they are, and so are retired names, which have no id (0).</summary>
    public Task<ImportAccountsReply> ImportAsync(IReadOnlyList<NewAccount> accounts, CancellationToken cancellationToken) => database.WriteAsync(
        write =>
        {
            var reply = new ImportAccountsReply();
            foreach (var account in accounts)
            {
                if (IsRetired(write.Connection, account.Name))
                {
                    reply.Ids.Add(0);
                    continue;
                }
                var created = Insert(write, account.Name, account.DisplayName, account.Biography, password: null);
                reply.Created += created is null ? 0 : 1;
                reply.Ids.Add(created?.Id ?? FindByName(write.Connection, account.Name)!.Id);
            }
            return reply;
        },
        cancellationToken);

    /// <summary>Changes what people see of an account; null leaves a part as it is.</summary>
    public Task<AccountRow> UpdateProfileAsync(long id, string? displayName, string? biography, CancellationToken cancellationToken) =>
        database.WriteAsync(
            write =>
            {
                var account = RequireActive(write.Connection, id);
                displayName ??= account.DisplayName;
                biography ??= account.Biography;
                write.Connection.Send(
                    "UPDATE accounts SET display_name = ?2, display_key = ?3, biography = ?4 WHERE id = ?1",
                    id, displayName, ProfileRules.SearchKey(displayName, AccountName.OfAccount(account.Name)), biography);
                SessionsStore.NoteChange(write, id);
                return account with { DisplayName = displayName, Biography = biography };
            },
            cancellationToken);

    /// <summary>Sets a password and ends all sessions but one; API tokens stay.</summary>
    /// <returns>False, and nothing is changed, when the password is another than before by now.</returns>
    public Task<bool> ChangePasswordAsync(long id, PasswordHash before, PasswordHash after, long keepSessionId, CancellationToken cancellationToken) => database.WriteAsync(
        write =>
        {
            RequireActive(write.Connection, id);
            if (write.Connection.Run("UPDATE accounts SET password = ?3 WHERE id = ?1 AND password = ?2", id, before.ToString(), after.ToString()) == 0)
            {
                return false;
            }
            write.Connection.Send("DELETE FROM sessions WHERE account_id = ?1 AND api_token = 0 AND id <> ?2", id, keepSessionId);
            SessionsStore.NoteChange(write, id);
            return true;
        },
        cancellationToken);

    /// <summary>Stores the same password, hashed anew, unless it was changed meanwhile.</summary>
    public Task ReplaceHashAsync(long id, PasswordHash before, PasswordHash after, CancellationToken cancellationToken) => database.WriteAsync(
        write => write.Connection.Run("UPDATE accounts SET password = ?3 WHERE id = ?1 AND password = ?2", id, before.ToString(), after.ToString()),
        cancellationToken);

    /// <summary>Suspends an account or lifts that, and tells the others when it is a change.</summary>
    public Task<AccountRow> SetSuspendedAsync(long id, bool suspended, CancellationToken cancellationToken) => database.WriteAsync(
        write =>
        {
            var account = Find(write.Connection, id) ?? throw NotFound();
            if (account.IsSuspended == suspended)
            {
                return account;
            }
            var state = suspended ? AccountState.Suspended : AccountState.Active;
            Tell(write, id, state);
            write.Connection.Send("UPDATE accounts SET state = ?2 WHERE id = ?1", id, (long)state);
            SessionsStore.NoteChange(write, id);
            return account with { State = (long)state };
        },
        cancellationToken);

    /// <summary>Erases an account and its sessions, keeps its name from being given out again, and tells the others.</summary>
    /// <returns>False, and nothing is erased, when the password is another by now.</returns>
    public Task<bool> DeleteAsync(long id, PasswordHash password, CancellationToken cancellationToken) => database.WriteAsync(
        write =>
        {
            var account = RequireActive(write.Connection, id);
            if (!HasPassword(write, id, password))
            {
                return false;
            }
            Tell(write, id, AccountState.Deleted);
            write.Connection.Send("DELETE FROM sessions WHERE account_id = ?1", id);
            write.Connection.Send("DELETE FROM accounts WHERE id = ?1", id);
            write.Connection.Send("INSERT INTO retired_names (name_hash) VALUES (?1)", HashOf(AccountName.OfAccount(account.Name)));
            SessionsStore.NoteChange(write, id);
            return true;
        },
        cancellationToken);

    /// <summary>Whether a password is still the one of an account.</summary>
    public static bool HasPassword(WriteSession write, long id, PasswordHash password) =>
        write.Connection.FindInt64("SELECT 1 FROM accounts WHERE id = ?1 AND password = ?2", id, password.ToString()) is not null;

    /// <summary>The account that somebody acts for.</summary>
    /// <exception cref="RpcException">UNAUTHENTICATED when it is gone, PERMISSION_DENIED while it is suspended: an assertion outlives both
    /// for up to a minute.</exception>
    public static AccountRow RequireActive(StorageConnection connection, long id) => RequireActive(Find(connection, id));

    /// <inheritdoc cref="RequireActive(StorageConnection, long)"/>
    public AccountRow RequireActive(long id) => RequireActive(Find(id));

    private static AccountRow RequireActive(AccountRow? account) => account switch
    {
        null => throw RpcErrors.Failure(StatusCode.Unauthenticated, "ACCOUNT_CLOSED", "This account no longer exists."),
        { IsSuspended: true } => throw Suspended(account),
        _ => account,
    };

    /// <summary>PERMISSION_DENIED: the account is suspended.</summary>
    public static RpcException Suspended(AccountRow account) => RpcErrors.Failure(StatusCode.PermissionDenied, "SUSPENDED",
        $"The account {account.Name} is suspended. Ask whoever runs this network for the reason.");

    /// <summary>ALREADY_EXISTS.</summary>
    public static RpcException NameTaken(AccountName name) =>
        RpcErrors.Failure(StatusCode.AlreadyExists, "NAME_TAKEN", $"The name {name.Typed} is taken. Choose another one.");

    /// <summary>NOT_FOUND.</summary>
    public static RpcException NotFound() => RpcErrors.NotFound("There is no such account, or no longer.");

    private static AccountRow? Insert(WriteSession write, AccountName name, string displayName, string biography, PasswordHash? password)
    {
        var id = write.NextId().Id;
        var now = ChangeId.TimeOf(id).ToUnixTimeMilliseconds();
        var inserted = write.Connection.Run("""
            INSERT INTO accounts (id, name, name_key, display_name, display_key, biography, password, created_at, state_changed_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8)
            ON CONFLICT (name_key) DO NOTHING
            """, id, name.Typed, name.Key, displayName, ProfileRules.SearchKey(displayName, name), biography, password?.ToString(), now);
        return inserted == 0 ? null : new AccountRow(id, name.Typed, displayName, biography, now, (long)AccountState.Active);
    }

    private static void Tell(WriteSession write, long id, AccountState state)
    {
        // Later than the change before, whatever the clock says: the receivers keep what is latest.
        var at = write.Connection.FindInt64(
            """
            UPDATE accounts SET state_changed_at = CASE WHEN state_changed_at >= ?2 THEN state_changed_at + 1 ELSE ?2 END
            WHERE id = ?1 RETURNING state_changed_at
            """,
            id, write.Now.ToUnixTimeMilliseconds()) ?? throw NotFound();
        var closed = new AccountClosed
        {
            Header = new EventHeader { OccurredAt = Timestamp.FromDateTimeOffset(DateTimeOffset.FromUnixTimeMilliseconds(at)) },
            AccountId = id,
            State = state,
        };
        foreach (var receiver in ToldOfClosing)
        {
            write.Enqueue(receiver, AccountClosed.Descriptor.Name, closed.ToByteArray());
        }
    }

    private static byte[] HashOf(AccountName name) => SHA256.HashData(Encoding.ASCII.GetBytes(name.Key));
}

/// <summary>An account to be imported: checked. Immutable.</summary>
internal sealed record NewAccount(AccountName Name, string DisplayName, string Biography);
