using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;

namespace Twite.Accounts.Sessions;

/// <summary>Names the devices that were logged in to an account (OWASP's device cookies): a nonce, and an HMAC over it and the account's id.
/// Nothing is stored per device. Any thread may use it.</summary>
internal sealed class DeviceTokens(byte[] key)
{
    private const int NonceBytes = 16;
    private const int MacBytes = 16;
    private const int Length = 43;

    /// <summary>Names a device that has just logged in.</summary>
    public string Create(long accountId)
    {
        Span<byte> token = stackalloc byte[NonceBytes + MacBytes];
        RandomNumberGenerator.Fill(token[..NonceBytes]);
        Sign(accountId, token[..NonceBytes], token[NonceBytes..]);
        return Base64Url.EncodeToString(token);
    }

    /// <summary>What a device's failures are counted under; null when the token names no device that was logged in to the account.</summary>
    public string? KeyOf(long accountId, string token)
    {
        Span<byte> decoded = stackalloc byte[NonceBytes + MacBytes];
        if (token.Length != Length || !Base64Url.TryDecodeFromChars(token, decoded, out var written) || written != decoded.Length)
        {
            return null;
        }
        Span<byte> mac = stackalloc byte[MacBytes];
        Sign(accountId, decoded[..NonceBytes], mac);
        return CryptographicOperations.FixedTimeEquals(mac, decoded[NonceBytes..]) ? Convert.ToHexString(decoded[..NonceBytes]) : null;
    }

    private void Sign(long accountId, ReadOnlySpan<byte> nonce, Span<byte> mac)
    {
        Span<byte> signed = stackalloc byte[sizeof(long) + NonceBytes];
        BinaryPrimitives.WriteInt64BigEndian(signed, accountId);
        nonce.CopyTo(signed[sizeof(long)..]);
        Span<byte> whole = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, signed, whole);
        whole[..MacBytes].CopyTo(mac);
    }
}
