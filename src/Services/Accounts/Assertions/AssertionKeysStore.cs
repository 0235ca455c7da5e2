using System.Security.Cryptography;
using Twite.Storage;

namespace Twite.Accounts.Assertions;

/// <summary>The secrets of the service as they are stored.</summary>
internal sealed class AssertionKeysStore(Database database)
{
    private const int DeviceKeyBytes = 32;

    // An assertion lasts a minute; what was held for a receiver that was away is checked as of its acceptance. Who runs while a newer one is
    // made takes that up within minutes.
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
                // By the age of what superseded it: until there was another, somebody signs with it, however old it is.
                write.Connection.Send("""
                    DELETE FROM assertion_keys WHERE EXISTS (
                      SELECT 1 FROM assertion_keys AS newer WHERE newer.created_at > assertion_keys.created_at AND newer.created_at < ?1)
                    """, (now - KeptAfterwards).ToUnixTimeMilliseconds());
                write.Connection.Send("""
                    INSERT INTO assertion_keys (id, private_key, created_at) SELECT ?1, ?2, ?3
                    WHERE NOT EXISTS (SELECT 1 FROM assertion_keys WHERE created_at > ?4)
                    """, spare.Id, spare.PrivateKey, now.ToUnixTimeMilliseconds(), (now - lifetime).ToUnixTimeMilliseconds());
                return List(write.Connection);
            },
            cancellationToken);

    /// <summary>The keys in force now, the newest first.</summary>
    public IReadOnlyList<StoredKey> List() => database.Read(List);

    /// <summary>The key of device names; made at the first start.</summary>
    public Task<byte[]> OpenDeviceKeyAsync(CancellationToken cancellationToken) => database.WriteAsync(
        write =>
        {
            write.Connection.Send("INSERT INTO device_key (only_row, secret_key) VALUES (1, ?1) ON CONFLICT DO NOTHING",
                RandomNumberGenerator.GetBytes(DeviceKeyBytes));
            return write.Connection.List(row => row.GetFieldValue<byte[]>(0), "SELECT secret_key FROM device_key")[0];
        },
        cancellationToken);

    private static IReadOnlyList<StoredKey> List(StorageConnection connection) => connection.List(
        row => new StoredKey(row.GetString(0), row.GetFieldValue<byte[]>(1), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(2))),
        "SELECT id, private_key, created_at FROM assertion_keys ORDER BY created_at DESC, id");
}

/// <summary>A P-256 key pair: its name and its private key (PKCS #8). Immutable.</summary>
internal sealed record StoredKey(string Id, byte[] PrivateKey, DateTimeOffset CreatedAt);
