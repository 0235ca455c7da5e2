using Anywire;

namespace Twite.Accounts.Names;

/// <summary>A name as somebody typed it: 1 to 30 of A to Z, a to z, 0 to 9 and _. Two names are the same when their keys are. Immutable.</summary>
internal readonly record struct AccountName
{
    /// <summary>The longest name, in characters.</summary>
    public const int MaxLength = 30;

    private AccountName(string typed)
    {
        Typed = typed;
        Key = typed.ToLowerInvariant();
    }

    /// <summary>As it was typed.</summary>
    public string Typed { get; }

    /// <summary>What it is compared by: lower case.</summary>
    public string Key { get; }

    /// <summary>False when no account can have such a name, so that there is no need to look for it.</summary>
    public static bool TryParse(string typed, out AccountName name)
    {
        var valid = typed.Length is > 0 and <= MaxLength && typed.All(IsAllowed);
        name = valid ? new AccountName(typed) : default;
        return valid;
    }

    /// <summary>The name of an account that exists.</summary>
    public static AccountName OfAccount(string name) => new(name);

    /// <summary>A name that somebody wants to have.</summary>
    /// <param name="typed">What was typed.</param>
    /// <param name="field">The field of the request that it came in.</param>
    /// <exception cref="Grpc.Core.RpcException">INVALID_ARGUMENT: EMPTY, TOO_LONG, CHARACTERS or RESERVED.</exception>
    public static AccountName Choose(string typed, string field)
    {
        if (typed.Length == 0)
        {
            throw RpcErrors.InvalidArgument(field, "EMPTY", $"Choose a name: 1 to {MaxLength} letters a to z, digits and _.");
        }
        if (!typed.All(IsAllowed))
        {
            throw RpcErrors.InvalidArgument(field, "CHARACTERS", "A name has only the letters a to z, digits and _. Leave the others out.");
        }
        if (typed.Length > MaxLength)
        {
            throw RpcErrors.InvalidArgument(field, "TOO_LONG", $"A name has at most {MaxLength} characters, this one has {typed.Length}. Choose a shorter one.");
        }
        var name = new AccountName(typed);
        if (ReservedNames.Contains(name))
        {
            throw RpcErrors.InvalidArgument(field, "RESERVED", $"The name {typed} is kept for the network itself. Choose another one.");
        }
        return name;
    }

    /// <inheritdoc/>
    public override string ToString() => Typed;

    private static bool IsAllowed(char c) => char.IsAsciiLetterOrDigit(c) || c == '_';
}
