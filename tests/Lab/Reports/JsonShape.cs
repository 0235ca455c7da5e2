using System.Text.Json;

namespace Twite.Lab.Tests.Reports;

/// <summary>Checks JSON against a JSON Schema, as far as the lab's uses one: type, const, enum, minimum, required, properties, additionalProperties,
/// propertyNames, items, $ref into $defs. A keyword it does not know is an error, so that no rule is passed over in silence.</summary>
internal sealed class JsonShape(JsonElement schema)
{
    /// <summary>What is wrong, each with its place.</summary>
    public IEnumerable<string> Problems(JsonElement value) => Problems(schema, value, "$");

    private IEnumerable<string> Problems(JsonElement rules, JsonElement value, string at) =>
        rules.EnumerateObject().SelectMany(rule => Check(rules, rule, value, at));

    private IEnumerable<string> Check(JsonElement rules, JsonProperty rule, JsonElement value, string at) => rule.Name switch
    {
        "$schema" or "$defs" or "title" => [],
        "$ref" => Problems(schema.GetProperty("$defs").GetProperty(rule.Value.GetString()!["#/$defs/".Length..]), value, at),
        "const" => Require(JsonElement.DeepEquals(rule.Value, value), $"{at} is not {rule.Value}"),
        "enum" => Require(rule.Value.EnumerateArray().Any(v => JsonElement.DeepEquals(v, value)), $"{at} is none of {rule.Value}"),
        "minimum" => Require(value.ValueKind != JsonValueKind.Number || value.GetDouble() >= rule.Value.GetDouble(), $"{at} is below {rule.Value}"),
        "type" => Require(Types(rule.Value).Any(t => Is(value, t)), $"{at} is {value.ValueKind} and not {rule.Value}"),
        "required" => rule.Value.EnumerateArray().Where(n => value.ValueKind == JsonValueKind.Object && !value.TryGetProperty(n.GetString()!, out _)).Select(n => $"{at} lacks {n}"),
        "properties" => Members(value).Where(m => rule.Value.TryGetProperty(m.Name, out _)).SelectMany(m => Problems(rule.Value.GetProperty(m.Name), m.Value, $"{at}.{m.Name}")),
        "additionalProperties" => Members(value).Where(m => !rules.TryGetProperty("properties", out var known) || !known.TryGetProperty(m.Name, out _))
            .SelectMany(m => rule.Value.ValueKind == JsonValueKind.False ? [$"{at} has {m.Name}"] : Problems(rule.Value, m.Value, $"{at}.{m.Name}")),
        "propertyNames" => Members(value).SelectMany(m => Problems(rule.Value, JsonSerializer.SerializeToElement(m.Name), $"{at}: the name {m.Name}")),
        "items" => value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().SelectMany((item, i) => Problems(rule.Value, item, $"{at}[{i}]")) : [],
        var unknown => [$"This check does not know {unknown}."],
    };

    private static IEnumerable<string> Require(bool holds, string otherwise) => holds ? [] : [otherwise];

    private static IEnumerable<JsonProperty> Members(JsonElement value) => value.ValueKind == JsonValueKind.Object ? value.EnumerateObject() : [];

    private static IEnumerable<string?> Types(JsonElement type) => type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().Select(t => t.GetString()) : [type.GetString()];

    private static bool Is(JsonElement value, string? type) => type switch
    {
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        "string" => value.ValueKind == JsonValueKind.String,
        "number" => value.ValueKind == JsonValueKind.Number,
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "null" => value.ValueKind == JsonValueKind.Null,
        _ => false,
    };
}
