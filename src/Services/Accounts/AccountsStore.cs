using System.Data.Common;
using Twite.Accounts.Names;
using Twite.Accounts.Passwords;
using Twite.Contracts;
using Twite.Storage;

namespace Twite.Accounts;

/// <summary>Accounts as they are stored: what can be asked. Changes are in the other part.</summary>
internal sealed partial class AccountsStore(Database database)
{
    // Sorts after everything that starts with what stands before it: the largest code point.
    private const string AfterAll = "\U0010FFFF";

    /// <summary>An account by its id; null when there is none.</summary>
    public AccountRow? Find(long id) => database.Read(connection => Find(connection, id));

    /// <summary>An account by its name, compared without case; null when there is none.</summary>
    public AccountRow? FindByName(AccountName name) => database.Read(connection => FindByName(connection, name));

    /// <summary>Many accounts by ids and by keys of names, each once, ordered by id. Unknown ones are left out.</summary>
    public IReadOnlyList<AccountRow> List(IEnumerable<long> ids, IEnumerable<string> nameKeys) => database.Read(connection =>
    {
        var accounts = new SortedDictionary<long, AccountRow>();
        connection.QueryEach<long>($"SELECT {AccountRow.Columns} FROM accounts a WHERE a.id = ?1", [.. ids], Add);
        connection.QueryEach<string>($"SELECT {AccountRow.Columns} FROM accounts a WHERE a.name_key = ?1", [.. nameKeys], Add);
        return accounts.Values.ToList();

        void Add<TKey>(TKey key, DbDataReader row)
        {
            var account = AccountRow.Read(row);
            accounts[account.Id] = account;
        }
    });

    /// <summary>Accounts in good standing whose names start with something, by name.</summary>
    public IReadOnlyList<AccountRow> SearchNames(string prefix, int limit) => Search("name_key", prefix, limit);

    /// <summary>Accounts in good standing whose display names start with something, by display name.</summary>
    public IReadOnlyList<AccountRow> SearchDisplayNames(string prefix, int limit) => Search("display_key", prefix, limit);

    /// <summary>An account with its password; null when there is no such name.</summary>
    public Credentials? FindCredentials(AccountName name) => ReadCredentials("name_key", name.Key);

    /// <summary>An account with its password; null when there is none.</summary>
    public Credentials? FindCredentials(long id) => ReadCredentials("id", id);

    /// <summary>Whether a name was given out, now or ever.</summary>
    public bool IsTaken(AccountName name) => database.Read(connection =>
        FindByName(connection, name) is not null || IsRetired(connection, name));

    private static AccountRow? Find(StorageConnection connection, long id)
    {
        using var rows = connection.Query($"SELECT {AccountRow.Columns} FROM accounts a WHERE a.id = ?1", id);
        return rows.Read() ? AccountRow.Read(rows) : null;
    }

    private static AccountRow? FindByName(StorageConnection connection, AccountName name)
    {
        using var rows = connection.Query($"SELECT {AccountRow.Columns} FROM accounts a WHERE a.name_key = ?1", name.Key);
        return rows.Read() ? AccountRow.Read(rows) : null;
    }

    private static bool IsRetired(StorageConnection connection, AccountName name) =>
        connection.FindInt64("SELECT 1 FROM retired_names WHERE name_hash = ?1", HashOf(name)) is not null;

    // A range rather than LIKE: % and _ mean themselves, and the index is used.
    private IReadOnlyList<AccountRow> Search(string key, string prefix, int limit) => database.Read(connection => connection.List(
        AccountRow.Read,
        $"""
        SELECT {AccountRow.Columns} FROM accounts a
        WHERE a.{key} >= ?1 AND a.{key} < ?2 AND a.state = ?3
        ORDER BY a.{key}, a.id LIMIT ?4
        """,
        prefix, prefix + AfterAll, (long)AccountState.Active, limit));

    private Credentials? ReadCredentials(string column, object value) => database.Read(connection =>
    {
        using var rows = connection.Query(
            $"SELECT {AccountRow.Columns}, a.password FROM accounts a WHERE a.{column} = ?1", value);
        return rows.Read()
            ? new Credentials(AccountRow.Read(rows), rows.IsDBNull(6) ? null : PasswordHash.Parse(rows.GetString(6)))
            : null;
    });
}

/// <summary>An account and what opens it; no hash when nobody can log in. Immutable.</summary>
internal sealed record Credentials(AccountRow Account, PasswordHash? Password);
