using System.Security.Cryptography;
using Twite.Storage;

namespace Twite.Accounts.Assertions;

/// <summary>The secrets of the service as they are stored.</summary>
internal sealed class AssertionKeysStore(Database database)
{
    private const int DeviceKeyBytes = 32;

    // An assertion lasts a minute; what was held for a receiver that was away is checked as of its acceptance.
    private static readonly TimeSpan KeptAfterwards = TimeSpan.FromDays(30);

    /// <summary>The keys in force, the newest first, after adding one when there is none that is young enough.</summary>
    /// <param name="spare">The key to add when one is needed.</param>
    /// <param name="lifetime">How old the newest key may be.</param>
    /// <param name="cancellationToken">Drops the work while it has not started.</param>
    public Task<IReadOnlyList<StoredKey>> RenewAsync(StoredKey spare, TimeSpan lifetime, CancellationToken cancellationToken) =>
        database.WriteAsync<IReadOnlyList<StoredKey>>(
            write =>
            {
                var now = spare.CreatedAt;
                write.Connection.Run("DELETE FROM assertion_keys WHERE created_at < ?1", (now - lifetime - KeptAfterwards).ToUnixTimeMilliseconds());
                write.Connection.Run("""
                    INSERT INTO assertion_keys (id, private_key, created_at) SELECT ?1, ?2, ?3
                    WHERE NOT EXISTS (SELECT 1 FROM assertion_keys WHERE created_at > ?4)
                    """, spare.Id, spare.PrivateKey, now.ToUnixTimeMilliseconds(), (now - lifetime).ToUnixTimeMilliseconds());
                using var rows = write.Connection.Statement(
                    "SELECT id, private_key, created_at FROM assertion_keys ORDER BY created_at DESC, id").ExecuteReader();
                var keys = new List<StoredKey>();
                while (rows.Read())
                {
                    keys.Add(new StoredKey(
                        rows.GetString(0), (byte[])rows.GetValue(1), DateTimeOffset.FromUnixTimeMilliseconds(rows.GetInt64(2))));
                }
                return keys;
            },
            cancellationToken);

    /// <summary>The key of device names; made at the first start.</summary>
    public Task<byte[]> OpenDeviceKeyAsync(CancellationToken cancellationToken) => database.WriteAsync(
        write =>
        {
            write.Connection.Run("INSERT INTO device_key (only_row, secret_key) VALUES (1, ?1) ON CONFLICT DO NOTHING",
                RandomNumberGenerator.GetBytes(DeviceKeyBytes));
            return (byte[])write.Connection.Statement("SELECT secret_key FROM device_key").ExecuteScalar()!;
        },
        cancellationToken);
}

/// <summary>A P-256 key pair: its name and its private key (PKCS #8). Immutable.</summary>
internal sealed record StoredKey(string Id, byte[] PrivateKey, DateTimeOffset CreatedAt);
