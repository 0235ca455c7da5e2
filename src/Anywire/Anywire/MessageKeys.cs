using System.Collections.Immutable;

namespace Anywire;

/// <summary>What a service seals its messages with where a broker stands between it and its peers: X25519 keys (RFC 7748), its own and the
/// public halves of those it talks with. Keys of one number belong together; while they are being replaced there are two numbers. Immutable.</summary>
/// <param name="Current">The number of the keys that are used for sending; those of the others are still understood.</param>
/// <param name="Own">The service's private keys by their numbers, 32 bytes each.</param>
/// <param name="Peers">The public keys of other services by name and number, 32 bytes each.</param>
public sealed record MessageKeys(
    uint Current,
    ImmutableDictionary<uint, ReadOnlyMemory<byte>> Own,
    ImmutableDictionary<string, ImmutableDictionary<uint, ReadOnlyMemory<byte>>> Peers);
