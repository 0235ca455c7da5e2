namespace Twite.Web.Sessions;

/// <summary>Where to go after logging in: within this site only, whatever a link says.</summary>
internal static class ReturnUrl
{
    /// <summary>The log-in page that leads back to a path; an empty one leads home.</summary>
    public static string LogIn(string? back) =>
        OrHome(back) is "/" ? "/login" : "/login?returnUrl=" + Uri.EscapeDataString(back!);

    /// <summary>The path itself when it is one of this site, otherwise the home page.</summary>
    public static string OrHome(string? path) => IsLocal(path) ? path! : "/";

    // Browsers take "//host" and "/\host" for other sites, and drop control characters before they look.
    private static bool IsLocal(string? path) =>
        path is ['/', ..] && path is not ['/', '/' or '\\', ..] && !path.Any(char.IsControl) && path.Length <= 1000;
}
