namespace Twite.Web.Posting;

/// <summary>What became of a message.</summary>
internal abstract record PostOutcome
{
    private PostOutcome()
    {
    }

    /// <summary>It was posted, now or before.</summary>
    public sealed record Posted : PostOutcome;

    /// <summary>It waits to be posted.</summary>
    /// <param name="Text">As it will be.</param>
    public sealed record Waiting(string Text) : PostOutcome;

    /// <summary>It was not posted: another one was, under the same key. Whoever was not told that it was posted has changed it since.</summary>
    /// <param name="Text">What the other says; null when it has been deleted.</param>
    public sealed record AnotherWas(string? Text) : PostOutcome;
}
