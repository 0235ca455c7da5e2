using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Anywire.Messaging.Sealing;

/// <summary>What messages of one service to another are sealed with: HMAC-SHA-256, cut to 16 bytes (RFC 2104, RFC 4868). Any thread may use it.</summary>
/// <param name="number">Which generation of keys it comes from.</param>
/// <param name="secret">32 bytes.</param>
internal sealed class SealKey(uint number, byte[] secret)
{
    /// <summary>What a seal takes at the end of a message.</summary>
    public const int Length = 16;

    // A hash that has its key costs less to use again than to make.
    private readonly ConcurrentBag<IncrementalHash> _free = [];

    public uint Number => number;

    /// <summary>Writes the seal of a message.</summary>
    public void Seal(ReadOnlySpan<byte> message, Span<byte> seal)
    {
        Span<byte> whole = stackalloc byte[HMACSHA256.HashSizeInBytes];
        Compute(message, whole);
        whole[..Length].CopyTo(seal);
    }

    /// <summary>Whether a seal is that of the message; takes the same time whatever is wrong.</summary>
    public bool Fits(ReadOnlySpan<byte> message, ReadOnlySpan<byte> seal)
    {
        Span<byte> whole = stackalloc byte[HMACSHA256.HashSizeInBytes];
        Compute(message, whole);
        return CryptographicOperations.FixedTimeEquals(whole[..Length], seal);
    }

    private void Compute(ReadOnlySpan<byte> message, Span<byte> whole)
    {
        if (!_free.TryTake(out var hash))
        {
            hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, secret);
        }
        hash.AppendData(message);
        hash.GetHashAndReset(whole);
        _free.Add(hash);
    }
}
