using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Twite.Accounts.Sessions;

/// <summary>The secret of a session or API token: 256 random bits, base64url (43 characters). Only its hash is stored. Immutable.</summary>
internal static class SessionToken
{
    private const int Bytes = 32;
    private const int Length = 43;

    /// <summary>Makes a new one, with the hash to store.</summary>
    public static string Create(out TokenHash hash)
    {
        var token = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Bytes));
        hash = Hash(token);
        return token;
    }

    /// <summary>What a token is stored and looked up by; false when it cannot be one.</summary>
    public static bool TryHash(string token, out TokenHash hash)
    {
        var possible = token.Length == Length && Ascii.IsValid(token);
        hash = possible ? Hash(token) : default;
        return possible;
    }

    private static TokenHash Hash(string token)
    {
        Span<byte> ascii = stackalloc byte[Length];
        Encoding.ASCII.GetBytes(token, ascii);
        Span<byte> sha256 = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(ascii, sha256);
        return TokenHash.From(sha256);
    }
}

/// <summary>SHA-256 of a token, as a key that is compared fast and needs no memory of its own. Immutable.</summary>
internal readonly record struct TokenHash
{
    private readonly ulong _a, _b, _c, _d;

    private TokenHash(ulong a, ulong b, ulong c, ulong d) => (_a, _b, _c, _d) = (a, b, c, d);

    /// <summary>Reads 32 bytes.</summary>
    public static TokenHash From(ReadOnlySpan<byte> sha256) => new(
        BinaryPrimitives.ReadUInt64BigEndian(sha256), BinaryPrimitives.ReadUInt64BigEndian(sha256[8..]),
        BinaryPrimitives.ReadUInt64BigEndian(sha256[16..]), BinaryPrimitives.ReadUInt64BigEndian(sha256[24..]));

    /// <summary>The 32 bytes.</summary>
    public byte[] ToArray()
    {
        var bytes = new byte[SHA256.HashSizeInBytes];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, _a);
        BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(8), _b);
        BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(16), _c);
        BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(24), _d);
        return bytes;
    }

    /// <summary>Any 32 bits of a SHA-256 are as good a hash code as can be had.</summary>
    public override int GetHashCode() => (int)_a;

    /// <inheritdoc/>
    public bool Equals(TokenHash other) => _a == other._a && _b == other._b && _c == other._c && _d == other._d;

    /// <summary>Says nothing: hashes of secrets do not belong into logs.</summary>
    public override string ToString() => "(token)";
}
