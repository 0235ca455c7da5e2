using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Twite.Web.Api.Entities;

namespace Twite.Web.Api;

/// <summary>What a program wants to post, whether it came as JSON or as a form.</summary>
/// <param name="Text">The message; empty when none came.</param>
internal sealed record Draft(string Text)
{
    /// <summary>Reads the body. What would be lost silently is refused; what changes nothing (language, sensitive, a reply's id) is ignored.</summary>
    /// <exception cref="ApiException">400, 415 or 422.</exception>
    public static async Task<Draft> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.HasJsonContentType())
        {
            return Of(await ReadJsonAsync(request, cancellationToken));
        }
        if (request.HasFormContentType)
        {
            return Of(await request.ReadFormAsync(cancellationToken));
        }
        return request.ContentLength is 0 or null && request.ContentType is null
            ? new Draft("")
            : throw new ApiException(StatusCodes.Status415UnsupportedMediaType, "Send JSON or a form: application/json, application/x-www-form-urlencoded or multipart/form-data.");
    }

    private static async Task<PostStatusEntity> ReadJsonAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        // One that is no object is no JSON for this purpose.
        using var document = await JsonDocument.ParseAsync(request.Body, new JsonDocumentOptions { MaxDepth = 16 }, cancellationToken);
        return document.RootElement.ValueKind == JsonValueKind.Object
            ? document.RootElement.Deserialize(ApiJson.Plain.PostStatusEntity)!
            : throw ApiException.Unprocessable("The body must be a JSON object such as {\"status\": \"Hello\"}.");
    }

    private static Draft Of(PostStatusEntity sent)
    {
        Check(
            Read(sent.Visibility, "visibility"),
            Read(sent.SpoilerText, "spoiler_text"),
            isScheduled: sent.ScheduledAt.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null),
            hasMedia: sent.MediaIds.ValueKind == JsonValueKind.Array && sent.MediaIds.GetArrayLength() > 0,
            hasPoll: sent.Poll.ValueKind == JsonValueKind.Object);
        return new Draft(Read(sent.Status, "status"));
    }

    private static Draft Of(IFormCollection sent)
    {
        Check(
            Read(sent["visibility"]),
            Read(sent["spoiler_text"]),
            isScheduled: Read(sent["scheduled_at"]).Length > 0,
            hasMedia: sent.ContainsKey("media_ids[]") || sent.ContainsKey("media_ids") || sent.Files.Count > 0,
            hasPoll: sent.Keys.Any(k => k.StartsWith("poll[", StringComparison.Ordinal)));
        return new Draft(Read(sent["status"]));
    }

    // To post at once and to everybody what was meant for later or for few would do harm.
    private static void Check(string visibility, string spoiler, bool isScheduled, bool hasMedia, bool hasPoll)
    {
        var missing = (visibility, spoiler, isScheduled, hasMedia, hasPoll) switch
        {
            (not ("" or "public" or "unlisted"), _, _, _, _) => "Messages here are public: visibility must be public.",
            (_, not "", _, _, _) => "There are no content warnings here: leave spoiler_text empty.",
            (_, _, true, _, _) => "Messages cannot be scheduled: leave scheduled_at out.",
            (_, _, _, true, _) => "Messages are text only: leave media out.",
            (_, _, _, _, true) => "There are no polls here: leave poll out.",
            _ => null,
        };
        if (missing is not null)
        {
            throw ApiException.Unprocessable(missing);
        }
    }

    private static string Read(StringValues value) => value.LastOrDefault() ?? "";

    private static string Read(JsonElement value, string name)
    {
        if (value.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null)
        {
            return "";
        }
        if (value.ValueKind != JsonValueKind.String)
        {
            throw ApiException.Unprocessable($"{name} must be text.");
        }
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw ApiException.Unprocessable($"{name} has half a character in it (an unpaired surrogate).");
        }
    }
}
