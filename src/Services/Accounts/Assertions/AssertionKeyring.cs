using System.Security.Cryptography;
using Anywire.Identity;
using Google.Protobuf;
using Twite.Contracts;

namespace Twite.Accounts.Assertions;

/// <summary>The keys that assertions are signed with: the newest signs, the others are still known to whoever checks. Any thread may use it;
/// disposing destroys the private key in memory.</summary>
internal sealed class AssertionKeyring : IDisposable
{
    private readonly AssertionKeysStore _store;
    private readonly ECDsa _newest;

    private AssertionKeyring(AssertionKeysStore store, StoredKey newest, TimeProvider time)
    {
        _store = store;
        _newest = Import(newest);
        Signer = new UserAssertionSigner(_newest, newest.Id, time);
    }

    /// <summary>Signs with the key that was the newest at the start.</summary>
    public UserAssertionSigner Signer { get; }

    /// <summary>All public keys, the newest first. Read anew each time, which is rare: a replica that started later may have added one.</summary>
    public IReadOnlyList<AssertionPublicKey> ReadPublic() => [.. _store.List().Select(PublicOf)];

    /// <summary>The same, as others are told.</summary>
    public AssertionKeysReply ReadReply() => new()
    {
        Keys = { ReadPublic().Select(key => new AssertionKey { Id = key.Id, PublicKey = ByteString.CopyFrom(key.SubjectPublicKeyInfo.Span) }) },
    };

    /// <summary>Loads the keys; makes one at the first start and when the newest has become too old.</summary>
    public static async Task<AssertionKeyring> OpenAsync(
        AssertionKeysStore store, AccountsOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        using var fresh = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var spare = new StoredKey(RandomNumberGenerator.GetHexString(16, lowercase: true), fresh.ExportPkcs8PrivateKey(), time.GetUtcNow());
        return new AssertionKeyring(store, (await store.RenewAsync(spare, options.AssertionKeyLifetime, cancellationToken))[0], time);
    }

    /// <inheritdoc/>
    public void Dispose() => _newest.Dispose();

    private static ECDsa Import(StoredKey key)
    {
        var ecdsa = ECDsa.Create();
        ecdsa.ImportPkcs8PrivateKey(key.PrivateKey, out _);
        return ecdsa;
    }

    private static AssertionPublicKey PublicOf(StoredKey key)
    {
        using var ecdsa = Import(key);
        return new AssertionPublicKey(key.Id, ecdsa.ExportSubjectPublicKeyInfo());
    }
}
