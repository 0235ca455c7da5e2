using System.Text;
using Anywire;
using Twite.Accounts.Names;
using Twite.Unicode;

namespace Twite.Accounts.Passwords;

/// <summary>What a new password must be: 8 to 128 characters (code points after NFC), not the name, not one that everybody tries first, and not
/// one character over and over. No rule about digits or signs: they make passwords worse (NIST SP 800-63B). Any thread may use it.</summary>
internal sealed class PasswordRules(CommonPasswords common)
{
    /// <summary>The fewest characters.</summary>
    public const int MinLength = 8;

    /// <summary>The most characters.</summary>
    public const int MaxLength = 128;

    /// <summary>Checks a password that somebody wants to have.</summary>
    /// <param name="password">What was typed.</param>
    /// <param name="name">Whose it will be.</param>
    /// <param name="field">The field of the request that it came in.</param>
    /// <exception cref="Grpc.Core.RpcException">INVALID_ARGUMENT: TOO_SHORT, TOO_LONG, IS_NAME or COMMON. The password is never repeated.</exception>
    public void Check(string password, AccountName name, string field)
    {
        var length = LengthOf(password);
        if (length < MinLength)
        {
            throw RpcErrors.InvalidArgument(field, "TOO_SHORT", $"A password has at least {MinLength} characters, better 15. A few words in a row are easy to remember.");
        }
        if (length > MaxLength)
        {
            throw RpcErrors.InvalidArgument(field, "TOO_LONG", $"A password has at most {MaxLength} characters, this one has {length}.");
        }
        if (string.Equals(password, name.Key, StringComparison.OrdinalIgnoreCase))
        {
            throw RpcErrors.InvalidArgument(field, "IS_NAME", "The password is the name, which everybody knows. Choose another one.");
        }
        if (common.Contains(password) || IsOneCharacter(password))
        {
            throw RpcErrors.InvalidArgument(field, "COMMON", "This password is among those that are tried first by whoever breaks in. Choose another one, such as a few words in a row.");
        }
    }

    /// <summary>Whether it could be anybody's password: one that is too long is not worth hashing.</summary>
    public static bool IsPlausible(string password) => password.Length > 0 && LengthOf(password) <= MaxLength;

    private static int LengthOf(string password) => Nfc.Of(password).EnumerateRunes().Count();

    private static bool IsOneCharacter(string password)
    {
        var first = Rune.GetRuneAt(password, 0);
        return password.EnumerateRunes().All(rune => rune == first);
    }
}
