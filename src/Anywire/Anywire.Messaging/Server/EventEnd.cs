namespace Anywire.Messaging.Server;

/// <summary>What is to become of an at-least-once call's message.</summary>
internal enum EventResult
{
    /// <summary>It was handled: the broker may forget it.</summary>
    Handled,

    /// <summary>It was not, and may be elsewhere or later: it goes behind all others, and that is no delivery in vain.</summary>
    Again,

    /// <summary>It never will be: it goes to the dead letters.</summary>
    Dead,
}

/// <summary>How the handling of an at-least-once call ended. Immutable.</summary>
/// <param name="Result">What is to become of it.</param>
/// <param name="Letter">Why it is dead; null when it is not.</param>
internal sealed record EventEnd(EventResult Result, DeadLetter? Letter = null)
{
    public static readonly EventEnd Handled = new(EventResult.Handled);

    public static readonly EventEnd Again = new(EventResult.Again);

    public static EventEnd Dead(DeadLetter letter) => new(EventResult.Dead, letter);
}
