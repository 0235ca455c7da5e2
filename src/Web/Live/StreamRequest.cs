using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Twite.Web.Live;

/// <summary>Which stream someone wants, and from where on. Immutable.</summary>
public sealed record StreamRequest
{
    private StreamRequest(long? accountId, long? sinceId, string who, bool isStranger)
    {
        (AccountId, SinceId) = (accountId, sinceId);
        (Who, IsStranger) = (who, isStranger);
    }

    /// <summary>Whose home stream; null for the public stream.</summary>
    public long? AccountId { get; }

    /// <summary>The last change already seen: all after it are shown first. Null: only what happens from now on.</summary>
    public long? SinceId { get; }

    /// <summary>Whose streams it is counted with: an account's, or a stranger's address.</summary>
    public string Who { get; }

    /// <summary>Nobody knows who asks, so others go first where something is scarce.</summary>
    public bool IsStranger { get; }

    /// <summary>What someone and those they follow post and delete, and their notifications.</summary>
    public static StreamRequest Home(long accountId, long? sinceId) => new(accountId, sinceId, NameOf(accountId), isStranger: false);

    /// <summary>What everybody posts and deletes, for someone who is logged in.</summary>
    public static StreamRequest PublicOf(long accountId, long? sinceId) => new(null, sinceId, NameOf(accountId), isStranger: false);

    /// <summary>What everybody posts and deletes, for a stranger.</summary>
    /// <param name="address">Where the stranger asks from: those who cannot be told apart share it.</param>
    /// <param name="sinceId">As in <see cref="SinceId"/>.</param>
    public static StreamRequest PublicOfStranger(string address, long? sinceId) => new(null, sinceId, address, isStranger: true);

    /// <summary>The last change a client says it has seen: the <c>Last-Event-ID</c> header that browsers send when they reconnect, else the
    /// <c>since_id</c> of the query (a page gives its <c>up_to_id</c>). Null when there is neither, or it is no id.</summary>
    public static long? ReadSinceId(HttpRequest request) =>
        Parse(request.Headers["Last-Event-ID"]) ?? Parse(request.Query["since_id"]);

    private static string NameOf(long accountId) => accountId.ToString(CultureInfo.InvariantCulture);

    private static long? Parse(string? text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null;
}
