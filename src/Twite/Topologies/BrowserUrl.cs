namespace Twite.Topologies;

/// <summary>Where a browser finds a front end.</summary>
internal static class BrowserUrl
{
    /// <summary>Where it is when nobody says otherwise.</summary>
    public const string Default = "http://localhost:5141";

    /// <summary>Whether a text is such an address.</summary>
    public static bool IsOne(string url) =>
        url.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || url.StartsWith("https://", StringComparison.OrdinalIgnoreCase);
}
