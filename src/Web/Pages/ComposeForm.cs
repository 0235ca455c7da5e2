using Twite.Unicode;

namespace Twite.Web.Pages;

/// <summary>What the form for a message holds.</summary>
/// <param name="Text">What was typed so far.</param>
/// <param name="Key">Makes sending it twice post it once.</param>
/// <param name="Error">Why it was not posted; null at first.</param>
internal sealed record ComposeForm(string Text, string Key, string? Error = null)
{
    /// <summary>The most characters (grapheme clusters) a message may have; Messages has the last word.</summary>
    public const int MaxCharacters = MessageRules.MaxCharacters;

    public static ComposeForm New(string text = "") => new(text, Guid.NewGuid().ToString("N"));
}
