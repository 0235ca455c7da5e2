using System.Collections.Concurrent;
using System.Text;
using Grpc.Core;
using NSec.Cryptography;

namespace Anywire.Messaging.Sealing;

/// <summary>One service's seals: what it seals messages to each peer with, and what it knows those of each peer by. The key of a pair is agreed by X25519
/// (RFC 7748) and derived by HKDF-SHA-256 (RFC 5869), one for each direction; the README states both. Any thread may use it.</summary>
internal sealed class Seals
{
    private static readonly KeyAgreementAlgorithm Agreement = KeyAgreementAlgorithm.X25519;

    private readonly MessageKeys _keys;
    private readonly ConcurrentDictionary<(string Sender, string Receiver, uint Number), SealKey?> _known = new();

    public Seals(MessageKeys keys) => _keys = keys;

    /// <summary>Those of a service; null on a plain wire, where nothing is sealed.</summary>
    /// <exception cref="IOException">The wire is secured, and there are no keys.</exception>
    public static Seals? Of(ServiceCredentials? credentials, Endpoint endpoint) => credentials is null
        ? null
        : new Seals(credentials.MessageKeys ?? throw new IOException($"{endpoint} leads over a broker, so messages are sealed, and there are no keys to seal them with."));

    /// <summary>What messages of a service to a peer are sealed with now.</summary>
    /// <exception cref="RpcException">FAILED_PRECONDITION: the peer's public key is not known.</exception>
    public SealKey For(string self, string peer) => Find(self, peer, peer, _keys.Current)
        ?? throw new RpcException(new Status(
            StatusCode.FailedPrecondition, $"{self} has no public key of {peer}, so it cannot seal messages to it. Give it a message-keys.json that has one."));

    /// <summary>What messages of a peer to a service are known by; null when the peer has no such key.</summary>
    public SealKey? Of(string peer, string self, uint number) => Find(peer, self, peer, number);

    private SealKey? Find(string sender, string receiver, string peer, uint number)
    {
        if (_known.TryGetValue((sender, receiver, number), out var known))
        {
            return known;
        }
        // Of strangers nothing is remembered: they could fill the memory.
        return _keys.Own.ContainsKey(number) && _keys.Peers.TryGetValue(peer, out var numbers) && numbers.TryGetValue(number, out var peersKey)
            ? _known.GetOrAdd((sender, receiver, number), _ => Derive(sender, receiver, number, peersKey))
            : null;
    }

    private SealKey Derive(string sender, string receiver, uint number, ReadOnlyMemory<byte> peersKey)
    {
        using var own = Key.Import(Agreement, _keys.Own[number].Span, KeyBlobFormat.RawPrivateKey);
        var theirs = PublicKey.Import(Agreement, peersKey.Span, KeyBlobFormat.RawPublicKey);
        using var shared = Agreement.Agree(own, theirs)
            ?? throw new RpcException(new Status(StatusCode.FailedPrecondition, "The public key that a peer is said to have can be nobody's (RFC 7748, section 6.1)."));
        return new SealKey(number, KeyDerivationAlgorithm.HkdfSha256.DeriveBytes(
            shared, ReadOnlySpan<byte>.Empty, Encoding.UTF8.GetBytes($"anywire message 1\0{sender}\0{receiver}"), 32));
    }
}
