using System.Text.RegularExpressions;

namespace Twite.Commands;

/// <summary>Settings on the command line, as in any ASP.NET Core program: <c>--Section:Key=value</c>.</summary>
internal static partial class Settings
{
    /// <summary>Whether an argument is a setting.</summary>
    public static bool IsSetting(string argument) => Setting().IsMatch(argument);

    [GeneratedRegex("^--[A-Za-z][A-Za-z0-9.]*(?::[A-Za-z0-9.]+)+=.*$", RegexOptions.NonBacktracking)]
    private static partial Regex Setting();
}
