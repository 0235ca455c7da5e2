namespace Twite.Faults;

/// <summary>What takes long, or shows what the short form shows over another wire.</summary>
public static class LongForm
{
    /// <summary>Why it is skipped otherwise.</summary>
    public const string WhyNot = "It is among the long forms: ./test --long runs it.";

    /// <summary>Whether this is a run of <c>./test --long</c>.</summary>
    public static bool IsRequested => Environment.GetEnvironmentVariable("TWITE_LONG") == "1";

    /// <summary>Skips a test in the short form.</summary>
    /// <param name="isLong">Whether it is among the long forms.</param>
    public static void RequireIf(bool isLong) => Assert.SkipUnless(IsRequested || !isLong, WhyNot);

    /// <summary>What a long form alone runs on; skips the test in the short one.</summary>
    public static T Only<T>(T network)
    {
        RequireIf(isLong: true);
        return network;
    }
}
