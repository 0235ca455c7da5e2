namespace Twite.Examination;

/// <summary>How bad something is.</summary>
internal enum Severity
{
    /// <summary>All is well.</summary>
    Ok,

    /// <summary>It works, and will not for ever.</summary>
    Warn,

    /// <summary>It does not work.</summary>
    Fail,
}

/// <summary>What <c>twite doctor</c> found about one thing.</summary>
/// <param name="Severity">How bad it is.</param>
/// <param name="Subject">What was looked at, in a word or two.</param>
/// <param name="Text">What was found; when it is not well, with the way out.</param>
internal sealed record Finding(Severity Severity, string Subject, string Text)
{
    public static Finding Ok(string subject, string text) => new(Severity.Ok, subject, text);

    public static Finding Warn(string subject, string text) => new(Severity.Warn, subject, text);

    public static Finding Fail(string subject, string text) => new(Severity.Fail, subject, text);
}
