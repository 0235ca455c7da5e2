using Twite.Storage;

namespace Twite.Notifications.LiveUpdates;

/// <summary>The leases as they are stored, so that front ends are told again at once after a restart.</summary>
internal sealed class LeasesStore(Database database)
{
    /// <summary>Whether other instances send to the same front ends.</summary>
    public bool IsShared => database.IsShared;

    /// <summary>All leases, whoever they were made at.</summary>
    public IReadOnlyList<StoredLease> List() => database.Read(List);

    /// <summary>Keeps a lease. An address is one front end's: what was there before it was restarted holds none any more.</summary>
    public Task RenewAsync(StoredLease lease, CancellationToken cancellationToken) => database.WriteAsync(
        write =>
        {
            write.Connection.Send("DELETE FROM leases WHERE receiver_address = ?1 AND instance <> ?2", lease.Address, lease.Instance);
            write.Connection.Send("""
                INSERT INTO leases (instance, receiver_address, expires_at) VALUES (?1, ?2, ?3)
                ON CONFLICT (instance) DO UPDATE SET receiver_address = excluded.receiver_address, expires_at = excluded.expires_at
                """, lease.Instance, lease.Address, lease.ExpiresAtMs);
        },
        cancellationToken);

    /// <summary>Takes an epoch: larger than any before it.</summary>
    public Task<long> BeginEpochAsync(CancellationToken cancellationToken) => database.WriteAsync(write => write.NextId().Id, cancellationToken);

    /// <summary>Forgets leases that have lapsed, unless one was renewed meanwhile.</summary>
    public Task ForgetAsync(IReadOnlyList<StoredLease> lapsed, CancellationToken cancellationToken) => database.WriteAsync(
        write =>
        {
            foreach (var lease in lapsed)
            {
                write.Connection.Send("DELETE FROM leases WHERE instance = ?1 AND expires_at = ?2", lease.Instance, lease.ExpiresAtMs);
            }
        },
        cancellationToken);

    /// <summary>Forgets the leases that have lapsed by this instance's clock.</summary>
    public Task ForgetExpiredAsync(CancellationToken cancellationToken) => database.WriteAsync(
        write => write.Connection.Send("DELETE FROM leases WHERE expires_at <= ?1", write.Now.ToUnixTimeMilliseconds()), cancellationToken);

    // As they were last renewed: the last of an address is that of who is there now.
    private static List<StoredLease> List(StorageConnection connection) => connection.List(
        row => new StoredLease(row.GetString(0), row.GetString(1), row.GetInt64(2)),
        "SELECT instance, receiver_address, expires_at FROM leases ORDER BY expires_at, instance");
}

/// <summary>A lease as it is stored. Immutable.</summary>
/// <param name="Instance">The front end.</param>
/// <param name="Address">Where it listens.</param>
/// <param name="ExpiresAtMs">Unix ms, by the clock of the instance where it was renewed.</param>
internal sealed record StoredLease(string Instance, string Address, long ExpiresAtMs);
