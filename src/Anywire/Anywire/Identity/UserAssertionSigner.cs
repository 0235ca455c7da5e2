using System.Security.Cryptography;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Anywire.Identity;

/// <summary>Signs user assertions: compact JWTs (RFC 7519) with ES256 (RFC 7518), so that any language can make and check them.
/// Any thread may use it; the key stays the caller's to dispose.</summary>
public sealed class UserAssertionSigner
{
    /// <summary>How long an assertion holds: 60 s.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(60);

    private readonly JsonWebTokenHandler _handler = new() { SetDefaultTimesOnTokenCreation = false };
    private readonly SigningCredentials _credentials;
    private readonly TimeProvider _time;

    /// <summary>Signs with a P-256 private key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="keyId">Names it in the header (<c>kid</c>).</param>
    /// <param name="time">The clock.</param>
    public UserAssertionSigner(ECDsa key, string keyId, TimeProvider time)
    {
        _credentials = new SigningCredentials(new ECDsaSecurityKey(key) { KeyId = keyId }, SecurityAlgorithms.EcdsaSha256)
        {
            // The library's own keeps what signs by the key's contents: whoever reads the same key again would sign with one that its first owner has disposed.
            CryptoProviderFactory = new CryptoProviderFactory(),
        };
        _time = time;
    }

    /// <summary>Makes an assertion that holds for <see cref="Lifetime"/> from now.</summary>
    public string Sign(UserIdentity user, out DateTimeOffset expiresAt)
    {
        var now = _time.GetUtcNow();
        expiresAt = now + Lifetime;
        return _handler.CreateToken(new SecurityTokenDescriptor
        {
            IssuedAt = now.UtcDateTime,
            Expires = expiresAt.UtcDateTime,
            Claims = new Dictionary<string, object>
            {
                [JwtRegisteredClaimNames.Sub] = user.Id.ToString(),
                [JwtRegisteredClaimNames.Name] = user.Name,
            },
            SigningCredentials = _credentials,
        });
    }
}
