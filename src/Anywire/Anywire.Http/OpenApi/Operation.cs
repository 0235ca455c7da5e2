using System.Globalization;
using System.Text.Json.Nodes;
using Anywire.Http.Mapping;
using Google.Protobuf.Reflection;

namespace Anywire.Http.OpenApi;

/// <summary>One method over one of its routes, as an OpenAPI operation.</summary>
internal sealed class Operation(MethodDescriptor method, MethodContract contract, RestRoute route, SchemaWriter schemas, JsonObject problem)
{
    private readonly IReadOnlyList<string> _inPath = [.. route.Path.Variables.Select(v => v.Field)];

    /// <param name="number">Which of the method's routes it is, from 0: operation ids must differ.</param>
    public JsonObject Describe(int number)
    {
        var operation = new JsonObject
        {
            ["operationId"] = number == 0 ? $"{method.Service.Name}_{method.Name}" : $"{method.Service.Name}_{method.Name}_{number.ToString(CultureInfo.InvariantCulture)}",
            ["tags"] = new JsonArray(method.Service.FullName),
            ["summary"] = method.Name,
            ["description"] = Words(),
            ["parameters"] = new JsonArray([.. Parameters()]),
            ["responses"] = Responses(),
        };
        if (BodySchema() is { } body)
        {
            operation["requestBody"] = new JsonObject { ["required"] = true, ["content"] = Content(body) };
        }
        return operation;
    }

    private string Words()
    {
        var words = $"Waits at most {contract.Deadline.TotalSeconds.ToString(CultureInfo.InvariantCulture)} s unless Grpc-Timeout says otherwise. A request has at most {contract.MaxRequestBytes.ToString("N0", CultureInfo.InvariantCulture)} bytes as protobuf.";
        return (contract.IsIdempotent ? "May be sent again. " : "")
            + (contract.AllowedCallers.IsEmpty ? "" : $"For {string.Join(", ", contract.AllowedCallers)} only. ") + words;
    }

    private IEnumerable<JsonNode> Parameters()
    {
        foreach (var name in _inPath)
        {
            yield return new JsonObject { ["name"] = name, ["in"] = "path", ["required"] = true, ["schema"] = Find(name) is { } field ? schemas.Of(field) : new JsonObject { ["type"] = "string" } };
        }
        if (route.Body == "*")
        {
            yield break;
        }
        foreach (var (name, field) in QueryFields(method.InputType, "", 4))
        {
            yield return new JsonObject { ["name"] = name, ["in"] = "query", ["schema"] = schemas.Of(field) };
        }
    }

    private IEnumerable<(string Name, FieldDescriptor Field)> QueryFields(MessageDescriptor type, string prefix, int levels)
    {
        foreach (var field in type.Fields.InDeclarationOrder())
        {
            if (_inPath.Contains(prefix + field.Name) || (prefix.Length == 0 && field.Name == route.Body) || field.IsMap)
            {
                continue;
            }
            if (field.FieldType != FieldType.Message || IsText(field.MessageType))
            {
                yield return (prefix + field.JsonName, field);
            }
            else if (!field.IsRepeated && levels > 0)
            {
                foreach (var inner in QueryFields(field.MessageType, prefix + field.JsonName + ".", levels - 1))
                {
                    yield return inner;
                }
            }
        }
    }

    private static bool IsText(MessageDescriptor type) =>
        type.File.Package == "google.protobuf" && type.Name is "Timestamp" or "Duration" or "FieldMask" or "BoolValue" or "Int32Value" or "UInt32Value" or "Int64Value"
            or "UInt64Value" or "FloatValue" or "DoubleValue" or "StringValue" or "BytesValue";

    private FieldDescriptor? Find(string path)
    {
        FieldDescriptor? field = null;
        var type = method.InputType;
        foreach (var name in path.Split('.'))
        {
            field = type.FindFieldByName(name);
            if (field is null)
            {
                return null;
            }
            type = field.FieldType == FieldType.Message ? field.MessageType : type;
        }
        return field;
    }

    private JsonObject? BodySchema() => route.Body switch
    {
        "" => null,
        "*" => schemas.Of(method.InputType),
        var name => method.InputType.FindFieldByName(name) is { } field ? schemas.Of(field) : null,
    };

    private JsonObject Responses()
    {
        var responses = new JsonObject();
        if (contract.ReturnsEmpty)
        {
            responses["204"] = new JsonObject { ["description"] = "Done." };
        }
        else if (method.IsServerStreaming)
        {
            responses["200"] = new JsonObject
            {
                ["description"] = "A message in each event; the event \"end\" tells how the call ended.",
                ["content"] = new JsonObject { [MediaTypes.Events] = new JsonObject { ["schema"] = ReplySchema() } },
            };
        }
        else
        {
            var made = contract.Location.Length > 0;
            responses[made ? "201" : "200"] = new JsonObject { ["description"] = made ? "Made; Location says where it is." : "The reply.", ["content"] = Content(ReplySchema()) };
        }
        responses["default"] = new JsonObject
        {
            ["description"] = "It failed.",
            ["content"] = new JsonObject { [MediaTypes.Problem] = new JsonObject { ["schema"] = problem.DeepClone() } },
        };
        return responses;
    }

    private JsonObject ReplySchema() => route.ResponseBody.Length > 0 && method.OutputType.FindFieldByName(route.ResponseBody) is { } field
        ? schemas.Of(field)
        : schemas.Of(method.OutputType);

    private static JsonObject Content(JsonObject schema) => new() { [MediaTypes.Json] = new JsonObject { ["schema"] = schema } };
}
