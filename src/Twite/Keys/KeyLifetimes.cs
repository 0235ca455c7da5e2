namespace Twite.Keys;

/// <summary>How long what <c>twite keys</c> makes is good for.</summary>
internal static class KeyLifetimes
{
    /// <summary>An authority: long, because replacing it takes a rotation.</summary>
    public static readonly TimeSpan Authority = TimeSpan.FromDays(3_650);

    /// <summary>A service's certificate.</summary>
    public static readonly TimeSpan Certificate = TimeSpan.FromDays(365);

    /// <summary>A certificate with less than this left is made anew when <c>twite keys</c> runs.</summary>
    public static readonly TimeSpan RenewBefore = TimeSpan.FromDays(90);

    /// <summary>A certificate with less than this left is something to be warned of.</summary>
    public static readonly TimeSpan WarnBefore = TimeSpan.FromDays(30);

    /// <summary>How long a step of a rotation is given to reach every service before the next one may be taken.</summary>
    public static readonly TimeSpan Overlap = TimeSpan.FromDays(1);

    /// <summary>How far clocks may be apart: certificates begin that long before they are made.</summary>
    public static readonly TimeSpan ClockSkew = TimeSpan.FromHours(1);
}
