using System.Collections.Concurrent;
using System.Security.Cryptography;
using Anywire.Identity;
using Google.Protobuf;
using Twite.Contracts;

namespace Twite.Accounts.Assertions;

/// <summary>The keys that assertions are signed with: the newest signs, the others are still known to whoever checks. Any thread may use it;
/// disposing destroys the private keys in memory.</summary>
internal sealed class AssertionKeyring : IDisposable
{
    private readonly AssertionKeysStore _store;
    private readonly TimeSpan _lifetime;
    private readonly TimeProvider _time;

    // One that was replaced may be signing just now, so all are kept to the end; there are few.
    private readonly ConcurrentBag<ECDsa> _taken = [];
    private volatile Taken _current;

    private AssertionKeyring(AssertionKeysStore store, StoredKey newest, TimeSpan lifetime, TimeProvider time)
    {
        (_store, _lifetime, _time) = (store, lifetime, time);
        _current = Take(newest);
    }

    /// <summary>Signs with the newest key. Ask for it each time: keys are replaced.</summary>
    public UserAssertionSigner Signer => _current.Signer;

    /// <summary>All public keys, the newest first, and in any case the one that signs here. Read anew each time, which is rare: a replica may have
    /// added one.</summary>
    public IReadOnlyList<AssertionPublicKey> ReadPublic()
    {
        var (keys, own) = (_store.List(), _current.Key);
        return [.. keys.Select(PublicOf), .. keys.Any(k => k.Id == own.Id) ? [] : new[] { PublicOf(own) }];
    }

    /// <summary>The same, as others are told.</summary>
    public AssertionKeysReply ReadReply() => new()
    {
        Keys = { ReadPublic().Select(key => new AssertionKey { Id = key.Id, PublicKey = ByteString.CopyFrom(key.SubjectPublicKeyInfo.Span) }) },
    };

    /// <summary>Loads the keys; makes one at the first start and when the newest has become too old.</summary>
    public static async Task<AssertionKeyring> OpenAsync(
        AssertionKeysStore store, AccountsOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        var keys = await store.RenewAsync(NewKey(time), options.AssertionKeyLifetime, cancellationToken);
        return new AssertionKeyring(store, keys[0], options.AssertionKeyLifetime, time);
    }

    /// <summary>Takes up the key that another process made, or makes one when the newest has become too old. Not twice at once.</summary>
    public async Task RenewAsync(CancellationToken cancellationToken)
    {
        var keys = _store.List();
        if (keys.Count == 0 || keys[0].CreatedAt <= _time.GetUtcNow() - _lifetime)
        {
            keys = await _store.RenewAsync(NewKey(_time), _lifetime, cancellationToken);
        }
        if (keys[0].Id != _current.Key.Id)
        {
            _current = Take(keys[0]);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var key in _taken)
        {
            key.Dispose();
        }
    }

    private Taken Take(StoredKey key)
    {
        var ecdsa = Import(key);
        _taken.Add(ecdsa);
        return new Taken(key, new UserAssertionSigner(ecdsa, key.Id, _time));
    }

    private static StoredKey NewKey(TimeProvider time)
    {
        using var fresh = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new StoredKey(RandomNumberGenerator.GetHexString(16, lowercase: true), fresh.ExportPkcs8PrivateKey(), time.GetUtcNow());
    }

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

    private sealed record Taken(StoredKey Key, UserAssertionSigner Signer);
}
