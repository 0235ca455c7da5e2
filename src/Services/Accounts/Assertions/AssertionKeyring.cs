using System.Security.Cryptography;
using Anywire.Identity;
using Google.Protobuf;
using Twite.Contracts;

namespace Twite.Accounts.Assertions;

/// <summary>The keys that assertions are signed with: the newest signs, the others are still known to whoever checks. Any thread may use it;
/// disposing destroys the private key in memory.</summary>
internal sealed class AssertionKeyring : IDisposable
{
    private readonly ECDsa _newest;

    private AssertionKeyring(IReadOnlyList<StoredKey> keys, TimeProvider time)
    {
        _newest = Import(keys[0]);
        Signer = new UserAssertionSigner(_newest, keys[0].Id, time);
        Public = [.. keys.Select(PublicOf)];
        Reply = new AssertionKeysReply
        {
            Keys = { Public.Select(key => new AssertionKey { Id = key.Id, PublicKey = ByteString.CopyFrom(key.SubjectPublicKeyInfo.Span) }) },
        };
    }

    /// <summary>Signs with the newest key.</summary>
    public UserAssertionSigner Signer { get; }

    /// <summary>All public keys, the newest first.</summary>
    public IReadOnlyList<AssertionPublicKey> Public { get; }

    /// <summary>The same, as others are told. Shared: do not change it.</summary>
    public AssertionKeysReply Reply { get; }

    /// <summary>Loads the keys; makes one at the first start and when the newest has become too old.</summary>
    public static async Task<AssertionKeyring> OpenAsync(
        AssertionKeysStore store, AccountsOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        using var fresh = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var spare = new StoredKey(RandomNumberGenerator.GetHexString(16, lowercase: true), fresh.ExportPkcs8PrivateKey(), time.GetUtcNow());
        return new AssertionKeyring(await store.RenewAsync(spare, options.AssertionKeyLifetime, cancellationToken), time);
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
