namespace Twite.Style;

/// <summary>Says all that was found, one a line: <see cref="Assert.Empty(System.Collections.IEnumerable)"/> would cut it short.</summary>
internal static class Verdict
{
    /// <summary>Passes when nothing was found.</summary>
    public static void Nothing(IEnumerable<string?> found)
    {
        var list = found.ToList();
        Assert.True(list.Count == 0, string.Join('\n', list));
    }
}
