using System.Text;

namespace Twite.Accounts.Sessions;

/// <summary>What a session is called in its owner's list.</summary>
internal static class SessionLabel
{
    private const int MaxBytes = 200;

    /// <summary>The label to store: on one line, without control characters, and cut to 200 bytes of UTF-8 between characters.</summary>
    public static string Of(string typed)
    {
        var label = new StringBuilder();
        var bytes = 0;
        foreach (var rune in typed.EnumerateRunes())
        {
            var kept = Rune.IsControl(rune) ? new Rune(' ') : rune;
            bytes += kept.Utf8SequenceLength;
            if (bytes > MaxBytes)
            {
                break;
            }
            label.Append(kept.ToString());
        }
        return label.ToString().Trim();
    }
}
