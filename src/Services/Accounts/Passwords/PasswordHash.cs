using System.Globalization;

namespace Twite.Accounts.Passwords;

/// <summary>What Argon2id costs. Immutable.</summary>
/// <param name="MemoryKib">Memory in KiB.</param>
/// <param name="Passes">How often the memory is gone over.</param>
public readonly record struct PasswordCost(int MemoryKib, int Passes);

/// <summary>A hashed password as it is stored, in the PHC string format with its parameters, so that they can be raised:
/// <c>$argon2id$v=19$m=19456,t=2,p=1$salt$hash</c>, base64 without padding. Immutable.</summary>
internal sealed record PasswordHash(PasswordCost Cost, ReadOnlyMemory<byte> Salt, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>Reads a stored hash.</summary>
    /// <exception cref="FormatException">It is not one that this program wrote.</exception>
    public static PasswordHash Parse(string encoded)
    {
        var parts = encoded.Split('$');
        if (parts is not ["", "argon2id", "v=19", var parameters, var salt, var bytes]
            || parameters.Split(',') is not [['m', '=', .. var memory], ['t', '=', .. var passes], "p=1"])
        {
            throw new FormatException("A stored password is not in the form $argon2id$v=19$m=…,t=…,p=1$salt$hash.");
        }
        var cost = new PasswordCost(int.Parse(memory, CultureInfo.InvariantCulture), int.Parse(passes, CultureInfo.InvariantCulture));
        return new PasswordHash(cost, Decode(salt), Decode(bytes));
    }

    /// <summary>As it is stored.</summary>
    public override string ToString() =>
        $"$argon2id$v=19$m={Cost.MemoryKib},t={Cost.Passes},p=1${Encode(Salt)}${Encode(Bytes)}";

    private static string Encode(ReadOnlyMemory<byte> bytes) => Convert.ToBase64String(bytes.Span).TrimEnd('=');

    private static byte[] Decode(string text) => Convert.FromBase64String(text.PadRight((text.Length + 3) / 4 * 4, '='));
}
