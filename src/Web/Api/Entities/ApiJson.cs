using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Twite.Web.Api.Entities;

/// <summary>The API's JSON: snake_case, source generated.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(AccountEntity))]
[JsonSerializable(typeof(IReadOnlyList<AccountEntity>))]
[JsonSerializable(typeof(IReadOnlyList<RelationshipEntity>))]
[JsonSerializable(typeof(StatusEntity))]
[JsonSerializable(typeof(IReadOnlyList<StatusEntity>))]
[JsonSerializable(typeof(ContextEntity))]
[JsonSerializable(typeof(NotificationEntity))]
[JsonSerializable(typeof(IReadOnlyList<NotificationEntity>))]
[JsonSerializable(typeof(SearchEntity))]
[JsonSerializable(typeof(InstanceEntity))]
[JsonSerializable(typeof(InstanceV1Entity))]
[JsonSerializable(typeof(ErrorEntity))]
[JsonSerializable(typeof(PostStatusEntity))]
internal sealed partial class ApiJson : JsonSerializerContext
{
    /// <summary>Without escaping what only a page would need escaped: replies are never part of one, and in most scripts half the size.</summary>
    public static ApiJson Plain { get; } = new(new JsonSerializerOptions
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    });
}
