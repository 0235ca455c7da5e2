using System.Collections.Concurrent;
using System.Security.Cryptography;
using Grpc.Core;
using Anywire.Server;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Anywire.Identity;

/// <summary>A public key that assertions are signed with.</summary>
/// <param name="Id">The <c>kid</c>.</param>
/// <param name="SubjectPublicKeyInfo">DER (RFC 5280), P-256.</param>
public sealed record AssertionPublicKey(string Id, ReadOnlyMemory<byte> SubjectPublicKeyInfo);

/// <summary>Checks user assertions, each once: what was found good is remembered until it expires (at most 10,000 of them). Keys are
/// fetched when an unknown one is named, at most once a second. Any thread may use it.
/// What a call needs is an assertion that holds now; one that was held (<see cref="IHeldCall"/>), an assertion that held when it was
/// accepted, at most <see cref="LongestHeld"/> ago.</summary>
/// <param name="fetchKeys">Gets the keys in force from whoever signs, for all calls that wait for them: it ends by its own deadline, not by theirs.</param>
/// <param name="logger">Learns why one was refused; its caller does not.</param>
/// <param name="time">The clock.</param>
public sealed class UserAssertionVerifier(
    Func<Task<IReadOnlyList<AssertionPublicKey>>> fetchKeys, ILogger logger, TimeProvider time)
{
    /// <summary>How long a call may have been held: 7 days. An older one is refused, whatever proves it.</summary>
    public static readonly TimeSpan LongestHeld = TimeSpan.FromDays(7);

    private const int MaxRemembered = 10_000;
    private static readonly TimeSpan FetchInterval = TimeSpan.FromSeconds(1);

    // How far ahead the clock of who accepted a call may be: as long as an assertion holds, so that nothing more is won by a wrong one.
    private static readonly TimeSpan MaxAhead = UserAssertionSigner.Lifetime;

    private readonly ConcurrentDictionary<string, Verified> _verified = new(StringComparer.Ordinal);
    private readonly JsonWebTokenHandler _handler = new();
    private readonly Lock _lock = new();
    private volatile IReadOnlyDictionary<string, SecurityKey> _keys = new Dictionary<string, SecurityKey>();
    private Task? _fetching;
    private long _fetchedAt = long.MinValue;

    /// <summary>The person a call acts for.</summary>
    /// <exception cref="RpcException">UNAUTHENTICATED: no assertion, or one that is wrong or expired.</exception>
    public ValueTask<UserIdentity> RequireAsync(ServerCallContext context)
    {
        var assertion = RequestHeader.Find(context, UserIdentity.MetadataKey);
        if (assertion is null)
        {
            throw Refused(context, "none came with the call", "Log in first: this call acts for a person and no proof of who it is came with it.");
        }
        var asOf = AsOf(context);
        return _verified.TryGetValue(assertion, out var known) && known.ExpiresAt > asOf
            ? new ValueTask<UserIdentity>(known.User)
            : new ValueTask<UserIdentity>(VerifyAsync(assertion, asOf, context));
    }

    /// <summary>The person a call acts for; null when no assertion came with it.</summary>
    /// <exception cref="RpcException">UNAUTHENTICATED: an assertion that is wrong or expired.</exception>
    public async ValueTask<UserIdentity?> FindAsync(ServerCallContext context) =>
        RequestHeader.Find(context, UserIdentity.MetadataKey) is null ? null : await RequireAsync(context);

    // The time that an assertion has to be good at.
    private DateTimeOffset AsOf(ServerCallContext context)
    {
        var now = time.GetUtcNow();
        if (context is not IHeldCall { AcceptedAt: { } acceptedAt })
        {
            return now;
        }
        if (acceptedAt > now + MaxAhead)
        {
            throw Refused(context, "the call was accepted in the future");
        }
        return acceptedAt >= now - LongestHeld
            ? acceptedAt
            : throw Refused(context, "the call was held for too long", $"This call was held for more than {LongestHeld.Days} days, which is too long to act for a person.");
    }

    private async Task<UserIdentity> VerifyAsync(string assertion, DateTimeOffset asOf, ServerCallContext context)
    {
        JsonWebToken token;
        try
        {
            token = _handler.ReadJsonWebToken(assertion);
        }
        catch (ArgumentException)
        {
            throw Refused(context, "it cannot be read");
        }

        var result = await _handler.ValidateTokenAsync(token, new TokenValidationParameters
        {
            IssuerSigningKey = await FindKeyAsync(token.Kid, context),
            ValidAlgorithms = [SecurityAlgorithms.EcdsaSha256],
            ValidateIssuer = false,
            ValidateAudience = false,
            RequireExpirationTime = true,
            LifetimeValidator = (_, expires, _, _) => expires is { } at && at > asOf.UtcDateTime,
        });
        if (!result.IsValid)
        {
            throw Refused(context, ProblemOf(result.Exception));
        }
        if (!long.TryParse(token.Subject, out var id) || !token.TryGetPayloadValue<string>(JwtRegisteredClaimNames.Name, out var name))
        {
            throw Refused(context, "it names no person");
        }

        var user = new UserIdentity(id, name);
        Remember(assertion, new Verified(user, new DateTimeOffset(token.ValidTo, TimeSpan.Zero)));
        return user;
    }

    private void Remember(string assertion, Verified verified)
    {
        var now = time.GetUtcNow();
        if (verified.ExpiresAt <= now)
        {
            // Of a call that was held: another with the same assertion is rare.
            return;
        }
        if (_verified.Count >= MaxRemembered)
        {
            foreach (var (key, value) in _verified)
            {
                if (value.ExpiresAt <= now)
                {
                    _verified.TryRemove(key, out _);
                }
            }
            if (_verified.Count >= MaxRemembered)
            {
                _verified.Clear();
            }
        }
        _verified[assertion] = verified;
    }

    private async Task<SecurityKey> FindKeyAsync(string? keyId, ServerCallContext context)
    {
        if (string.IsNullOrEmpty(keyId))
        {
            throw Refused(context, "it names no key");
        }
        if (_keys.TryGetValue(keyId, out var key))
        {
            return key;
        }
        await KeysWithAsync(keyId).WaitAsync(context.CancellationToken);
        return _keys.TryGetValue(keyId, out key) ? key : throw Refused(context, "it names a key that is not in force");
    }

    // One fetch for all who wait, and none of them takes it along when it leaves.
    private Task KeysWithAsync(string keyId)
    {
        lock (_lock)
        {
            if (_fetching is { IsCompleted: false })
            {
                return _fetching;
            }
            if (_keys.ContainsKey(keyId))
            {
                return Task.CompletedTask;
            }
            if (_fetchedAt != long.MinValue && time.GetElapsedTime(_fetchedAt) < FetchInterval)
            {
                // Also when it failed: whoever has the keys is not asked more often for being in trouble.
                return _fetching ?? Task.CompletedTask;
            }
            return _fetching = Task.Run(FetchAsync);
        }
    }

    private async Task FetchAsync()
    {
        try
        {
            _keys = (await fetchKeys()).ToDictionary(k => k.Id, Import, StringComparer.Ordinal);
        }
        finally
        {
            _fetchedAt = time.GetTimestamp();
        }
    }

    private static SecurityKey Import(AssertionPublicKey key)
    {
        var ecdsa = ECDsa.Create();
        ecdsa.ImportSubjectPublicKeyInfo(key.SubjectPublicKeyInfo.Span, out _);
        return new ECDsaSecurityKey(ecdsa) { KeyId = key.Id };
    }

    private static string ProblemOf(Exception problem) => problem switch
    {
        SecurityTokenInvalidLifetimeException or SecurityTokenExpiredException => "it has expired",
        SecurityTokenInvalidAlgorithmException => "it is signed in a way that is not allowed",
        SecurityTokenInvalidSignatureException => "its signature is wrong",
        _ => $"it is not valid ({problem.GetType().Name})",
    };

    private RpcException Refused(ServerCallContext context, string problem, string message = "The proof of who is calling is not valid, or no longer.")
    {
        logger.AssertionRefused(context.Method, PeerIdentity.DescriptionOf(context), problem);
        return RpcErrors.Failure(StatusCode.Unauthenticated, "USER_ASSERTION", message);
    }

    private sealed record Verified(UserIdentity User, DateTimeOffset ExpiresAt);
}
