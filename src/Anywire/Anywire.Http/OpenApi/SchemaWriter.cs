using System.Text.Json.Nodes;
using Google.Protobuf.Reflection;

namespace Anywire.Http.OpenApi;

/// <summary>Message types as JSON Schema (2020-12), as proto3 JSON shows them. Each type is described once, under <c>components/schemas</c>.</summary>
internal sealed class SchemaWriter
{
    private readonly SortedDictionary<string, JsonNode> _schemas = new(StringComparer.Ordinal);

    /// <summary>What was described so far.</summary>
    public JsonObject Schemas => new(_schemas.Select(s => KeyValuePair.Create(s.Key, (JsonNode?)s.Value.DeepClone())));

    /// <summary>A type as a reference; the well-known ones as what they are.</summary>
    public JsonObject Of(MessageDescriptor type)
    {
        if (WellKnown(type) is { } known)
        {
            return known;
        }
        if (!_schemas.ContainsKey(type.FullName))
        {
            // Before its fields: a type may hold itself.
            var schema = new JsonObject { ["type"] = "object" };
            _schemas[type.FullName] = schema;
            schema["properties"] = new JsonObject(type.Fields.InDeclarationOrder().Select(f => KeyValuePair.Create(f.JsonName, (JsonNode?)Of(f))));
            if (OneofsOf(type) is { Length: > 0 } oneofs)
            {
                schema["description"] = oneofs;
            }
        }
        return Reference(type.FullName);
    }

    /// <summary>A field's schema.</summary>
    public JsonObject Of(FieldDescriptor field)
    {
        if (field.IsMap)
        {
            return new JsonObject { ["type"] = "object", ["additionalProperties"] = Single(field.MessageType.FindFieldByNumber(2)) };
        }
        return field.IsRepeated ? new JsonObject { ["type"] = "array", ["items"] = Single(field) } : Single(field);
    }

    /// <summary>Adds a schema that no message type has.</summary>
    public JsonObject Add(string name, JsonObject schema)
    {
        _schemas[name] = schema;
        return Reference(name);
    }

    private static JsonObject Reference(string name) => new() { ["$ref"] = "#/components/schemas/" + name };

    private static JsonObject Type(string type, string? format = null)
    {
        var schema = new JsonObject { ["type"] = type };
        if (format is not null)
        {
            schema["format"] = format;
        }
        return schema;
    }

    private static string OneofsOf(MessageDescriptor type) => string.Join(' ', type.Oneofs.Where(o => !o.IsSynthetic)
        .Select(o => $"At most one of {string.Join(", ", o.Fields.Select(f => f.JsonName))}."));

    private JsonObject Single(FieldDescriptor field) => field.FieldType switch
    {
        FieldType.Bool => Type("boolean"),
        FieldType.Int32 or FieldType.SInt32 or FieldType.SFixed32 => Type("integer", "int32"),
        FieldType.UInt32 or FieldType.Fixed32 => Type("integer", "uint32"),
        FieldType.Int64 or FieldType.SInt64 or FieldType.SFixed64 => Type("string", "int64"),
        FieldType.UInt64 or FieldType.Fixed64 => Type("string", "uint64"),
        FieldType.Float => Type("number", "float"),
        FieldType.Double => Type("number", "double"),
        FieldType.String => Type("string"),
        FieldType.Bytes => new JsonObject { ["type"] = "string", ["contentEncoding"] = "base64" },
        FieldType.Enum => OfEnum(field.EnumType),
        FieldType.Message or FieldType.Group => Of(field.MessageType),
        _ => [],
    };

    private JsonObject OfEnum(EnumDescriptor type)
    {
        if (type.FullName == "google.protobuf.NullValue")
        {
            return Type("null");
        }
        _schemas[type.FullName] = new JsonObject
        {
            ["type"] = "string",
            ["enum"] = new JsonArray([.. type.Values.Select(v => (JsonNode)v.Name)]),
        };
        return Reference(type.FullName);
    }

    private static JsonObject? WellKnown(MessageDescriptor type) => type.FullName switch
    {
        "google.protobuf.Timestamp" => Type("string", "date-time"),
        "google.protobuf.Duration" => new JsonObject { ["type"] = "string", ["pattern"] = @"^-?\d+(\.\d{1,9})?s$" },
        "google.protobuf.FieldMask" => Type("string"),
        "google.protobuf.Empty" => new JsonObject { ["type"] = "object" },
        "google.protobuf.Struct" => new JsonObject { ["type"] = "object", ["additionalProperties"] = true },
        "google.protobuf.ListValue" => new JsonObject { ["type"] = "array", ["items"] = new JsonObject() },
        "google.protobuf.Value" => [],
        "google.protobuf.Any" => new JsonObject
        {
            ["type"] = "object",
            ["properties"] = new JsonObject { ["@type"] = Type("string") },
            ["required"] = new JsonArray("@type"),
            ["additionalProperties"] = true,
        },
        "google.protobuf.BoolValue" => Type("boolean"),
        "google.protobuf.Int32Value" => Type("integer", "int32"),
        "google.protobuf.UInt32Value" => Type("integer", "uint32"),
        "google.protobuf.Int64Value" => Type("string", "int64"),
        "google.protobuf.UInt64Value" => Type("string", "uint64"),
        "google.protobuf.FloatValue" => Type("number", "float"),
        "google.protobuf.DoubleValue" => Type("number", "double"),
        "google.protobuf.StringValue" => Type("string"),
        "google.protobuf.BytesValue" => new JsonObject { ["type"] = "string", ["contentEncoding"] = "base64" },
        _ => null,
    };
}
