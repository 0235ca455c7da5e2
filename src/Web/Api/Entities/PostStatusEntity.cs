using System.Text.Json;

namespace Twite.Web.Api.Entities;

/// <summary>What a program sends to post. Values may be of any type: what is wrong with one is said in people's words.</summary>
internal sealed record PostStatusEntity
{
    public JsonElement Status { get; init; }

    public JsonElement Visibility { get; init; }

    public JsonElement SpoilerText { get; init; }

    public JsonElement ScheduledAt { get; init; }

    public JsonElement MediaIds { get; init; }

    public JsonElement Poll { get; init; }
}
