using Google.Protobuf.WellKnownTypes;
using Anywire.Identity;
using Twite.Contracts;

namespace Twite.Accounts.Sessions;

/// <summary>A session that was found good, with the reply that says so. The reply is handed to many callers: nobody may change it.
/// Any thread may use it.</summary>
internal sealed class VerifiedSession(long id, Account account, DateTimeOffset? expiresAt, TimeSpan lifetime)
{
    private long _expiresAt = expiresAt?.UtcTicks ?? long.MaxValue;
    private readonly bool _isApiToken = expiresAt is null;
    private long _usedInMinute;
    private SignedReply? _signed;

    /// <summary>The session's id.</summary>
    public long Id => id;

    /// <summary>Who holds it.</summary>
    public Account Account => account;

    /// <summary>Whether it has not expired.</summary>
    public bool IsAlive(long utcTicks) => Volatile.Read(ref _expiresAt) > utcTicks;

    /// <summary>Notes that it is used now, which lets it live longer. True at the first use in a minute, to one caller.</summary>
    public bool Use(long utcTicks)
    {
        var minute = utcTicks / TimeSpan.TicksPerMinute;
        var before = Volatile.Read(ref _usedInMinute);
        if (before == minute || Interlocked.CompareExchange(ref _usedInMinute, minute, before) != before)
        {
            return false;
        }
        if (Volatile.Read(ref _expiresAt) != long.MaxValue)
        {
            Volatile.Write(ref _expiresAt, utcTicks + lifetime.Ticks);
        }
        return true;
    }

    /// <summary>The reply, with an assertion that was signed at most <paramref name="reuse"/> ago. Already completed.</summary>
    public Task<VerifySessionReply> Reply(UserAssertionSigner signer, long utcTicks, TimeSpan reuse)
    {
        var signed = Volatile.Read(ref _signed);
        // Unsigned, so that a clock that was set back counts as too old as well.
        if (signed is null || (ulong)(utcTicks - signed.At) >= (ulong)reuse.Ticks)
        {
            signed = Sign(signer, utcTicks);
            Volatile.Write(ref _signed, signed);
        }
        return signed.Reply;
    }

    private SignedReply Sign(UserAssertionSigner signer, long utcTicks)
    {
        var assertion = signer.Sign(new UserIdentity(account.Id, account.Name), out var assertionExpiresAt);
        return new SignedReply(utcTicks, Task.FromResult(new VerifySessionReply
        {
            Account = account,
            Assertion = assertion,
            AssertionExpiresAt = Timestamp.FromDateTimeOffset(assertionExpiresAt),
            SessionId = id,
            ApiToken = _isApiToken,
        }));
    }

    private sealed record SignedReply(long At, Task<VerifySessionReply> Reply);
}
