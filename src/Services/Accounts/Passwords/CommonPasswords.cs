using System.Collections.Frozen;

namespace Twite.Accounts.Passwords;

/// <summary>The passwords that everybody tries first, in lower case (common-passwords.txt, embedded). Any thread may read it.</summary>
internal sealed class CommonPasswords
{
    private readonly FrozenSet<string> _passwords;

    /// <summary>Reads the embedded list.</summary>
    public CommonPasswords()
    {
        using var stream = typeof(CommonPasswords).Assembly.GetManifestResourceStream("common-passwords.txt")
            ?? throw new InvalidOperationException("The list of common passwords is missing from Twite.Accounts. Build it again.");
        using var reader = new StreamReader(stream);
        var passwords = new List<string>(17_000);
        while (reader.ReadLine() is { } password)
        {
            passwords.Add(password);
        }
        _passwords = passwords.ToFrozenSet(StringComparer.Ordinal);
    }

    /// <summary>How many there are.</summary>
    public int Count => _passwords.Count;

    /// <summary>Whether a password is one of them, compared without case.</summary>
    public bool Contains(string password) => _passwords.Contains(password.ToLowerInvariant());
}
