namespace Twite.Services.Bed;

/// <summary>What takes long and shows what other wires and databases show in less time.</summary>
internal static class LongForm
{
    /// <summary>Skips a test outside of <c>./test --long</c>.</summary>
    public static void Require() =>
        Assert.SkipUnless(Environment.GetEnvironmentVariable("TWITE_LONG") == "1", "It is among the long forms: ./test --long runs it.");

    /// <summary>A wire that is made in the long form only.</summary>
    public static Carrier Only(Func<Carrier> make)
    {
        Require();
        return make();
    }
}
