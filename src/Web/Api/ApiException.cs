namespace Twite.Web.Api;

/// <summary>A request that cannot be answered, and what its sender is told.</summary>
/// <param name="status">The HTTP status.</param>
/// <param name="message">For people: what is wrong and what to do.</param>
/// <param name="retryAfter">When trying again makes sense.</param>
internal sealed class ApiException(int status, string message, TimeSpan? retryAfter = null) : Exception(message)
{
    public int Status { get; } = status;

    public TimeSpan? RetryAfter { get; } = retryAfter;

    /// <summary>What was asked for does not exist; in Mastodon's words, which clients know.</summary>
    public static ApiException NotFound() => new(404, "Record not found");

    /// <summary>The token is missing, unknown or ended; likewise.</summary>
    public static ApiException InvalidToken() => new(401, "The access token is invalid");

    /// <summary>The request is understood and breaks a rule.</summary>
    public static ApiException Unprocessable(string message) => new(422, message);
}
