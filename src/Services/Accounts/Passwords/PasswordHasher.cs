using System.Security.Cryptography;
using System.Text;
using Anywire;
using NSec.Cryptography;
using Twite.Unicode;

namespace Twite.Accounts.Passwords;

/// <summary>Hashes and verifies passwords with Argon2id. At most <see cref="AccountsOptions.MaxConcurrentHashes"/> at once, since each takes
/// memory and a core; those that come meanwhile wait, and when too many wait the next is refused at once. Any thread may use it.</summary>
internal sealed class PasswordHasher : IDisposable
{
    private const int SaltBytes = 16;
    private const int HashBytes = 32;
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim _slots;
    private readonly int _maxPending;
    private readonly PasswordHash _nobody;
    private int _pending;
    private long _computed;

    /// <summary>Hashes at the cost that the options say.</summary>
    public PasswordHasher(AccountsOptions options)
    {
        Cost = options.PasswordCost;
        _slots = new SemaphoreSlim(options.MaxConcurrentHashes, options.MaxConcurrentHashes);
        _maxPending = options.MaxConcurrentHashes + options.MaxWaitingHashes;
        // Nobody's password: random bytes that no input hashes to.
        _nobody = new PasswordHash(Cost, RandomNumberGenerator.GetBytes(SaltBytes), RandomNumberGenerator.GetBytes(HashBytes));
    }

    /// <summary>The cost of new hashes.</summary>
    public PasswordCost Cost { get; }

    /// <summary>How many hashes were computed so far.</summary>
    public long Computed => Interlocked.Read(ref _computed);

    /// <summary>Hashes a new password, with a salt of its own.</summary>
    /// <exception cref="Grpc.Core.RpcException">RESOURCE_EXHAUSTED when too many wait.</exception>
    public async Task<PasswordHash> HashAsync(string password, CancellationToken cancellationToken)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltBytes);
        return new PasswordHash(Cost, salt, await DeriveAsync(password, Cost, salt, cancellationToken));
    }

    /// <summary>Whether a password is the one that was hashed. Does the same work when there is none to compare with (null: an unknown
    /// name, or an account without password) and answers false.</summary>
    /// <exception cref="Grpc.Core.RpcException">RESOURCE_EXHAUSTED when too many wait.</exception>
    public async Task<bool> VerifyAsync(string password, PasswordHash? hash, CancellationToken cancellationToken)
    {
        var expected = hash ?? _nobody;
        var actual = await DeriveAsync(password, expected.Cost, expected.Salt, cancellationToken);
        return CryptographicOperations.FixedTimeEquals(actual, expected.Bytes.Span) && hash is not null;
    }

    /// <inheritdoc/>
    public void Dispose() => _slots.Dispose();

    private async Task<byte[]> DeriveAsync(string password, PasswordCost cost, ReadOnlyMemory<byte> salt, CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _pending) > _maxPending)
        {
            Interlocked.Decrement(ref _pending);
            throw RpcErrors.TooMany("Too many people are logging in right now. Try again in a moment.", RetryAfter);
        }
        try
        {
            await _slots.WaitAsync(cancellationToken);
            try
            {
                Interlocked.Increment(ref _computed);
                return await Task.Run(() => Derive(password, cost, salt.Span), cancellationToken);
            }
            finally
            {
                _slots.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _pending);
        }
    }

    private static byte[] Derive(string password, PasswordCost cost, ReadOnlySpan<byte> salt)
    {
        var algorithm = PasswordBasedKeyDerivationAlgorithm.Argon2id(new Argon2Parameters
        {
            DegreeOfParallelism = 1,
            MemorySize = cost.MemoryKib,
            NumberOfPasses = cost.Passes,
        });
        // Keyboards differ in how they compose an accented letter; the password is the same.
        return algorithm.DeriveBytes(Encoding.UTF8.GetBytes(Nfc.Of(password)), salt, HashBytes);
    }
}
