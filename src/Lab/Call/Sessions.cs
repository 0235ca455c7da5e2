using System.Buffers.Binary;
using System.Security.Cryptography;
using Google.Protobuf.WellKnownTypes;
using Twite.Contracts;

namespace Twite.Lab.Call;

/// <summary>One session as the lab's handlers know it.</summary>
/// <param name="AccountId">Whose it is.</param>
/// <param name="Name">The account's name.</param>
/// <param name="ExpiresAt">Until when, in seconds of Unix time.</param>
internal sealed record Session(long AccountId, string Name, long ExpiresAt);

/// <summary>The sessions of one comparison, in memory: the same in every process that is given the same seed. Immutable; any thread may read it.</summary>
internal sealed class Sessions
{
    /// <summary>How many there are.</summary>
    public const int Count = 100_000;

    /// <summary>A token is this many ASCII characters.</summary>
    public const int TokenLength = 32;

    // A prime far from a power of two: calls after each other land in different places of memory, as those of different people do.
    private const long Stride = 48_611;
    private const long FirstAccount = 115_604_711_170_000;
    private const long Expiry = 1_900_000_000;

    private readonly string[] _tokens = new string[Count];
    private readonly Dictionary<string, Session> _byToken = new(Count, StringComparer.Ordinal);
    private readonly Dictionary<string, Session>.AlternateLookup<ReadOnlySpan<char>> _lookup;

    /// <summary>Makes them.</summary>
    /// <param name="seed">Another one makes other tokens.</param>
    public Sessions(long seed)
    {
        Span<byte> name = stackalloc byte[16];
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        for (var i = 0; i < Count; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(name, seed);
            BinaryPrimitives.WriteInt64LittleEndian(name[8..], i);
            SHA256.HashData(name, hash);
            _tokens[i] = Convert.ToBase64String(hash[..24]);
            _byToken.Add(_tokens[i], new Session(FirstAccount + i, $"finch_{i}", Expiry + i));
        }
        _lookup = _byToken.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>Which session a call asks for.</summary>
    public static int IndexOf(long call) => (int)(call * Stride % Count);

    /// <summary>The account that a call must be answered with.</summary>
    public static long AccountOf(long call) => FirstAccount + IndexOf(call);

    /// <summary>The token that a call asks for.</summary>
    public string TokenOf(long call) => _tokens[IndexOf(call)];

    /// <summary>The session of a token; null when there is none.</summary>
    public Session? Find(ReadOnlySpan<char> token) => _lookup.TryGetValue(token, out var session) ? session : null;

    /// <summary>The answer to <c>VerifySession</c>: account id, name and expiry.</summary>
    /// <returns>Null when there is no such session.</returns>
    public VerifySessionReply? Verify(VerifySessionRequest request) => Find(request.Token) is { } session
        ? new VerifySessionReply
        {
            Account = new Account { Id = session.AccountId, Name = session.Name },
            AssertionExpiresAt = new Timestamp { Seconds = session.ExpiresAt },
        }
        : null;
}
