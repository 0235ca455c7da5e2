using System.Text.Json.Nodes;
using Anywire.Http.Mapping;
using Google.Protobuf.Reflection;

namespace Anywire.Http.OpenApi;

/// <summary>Describes services as OpenAPI 3.1 (https://spec.openapis.org/oas/v3.1.1), from their descriptors.</summary>
internal static class OpenApiDocument
{
    /// <summary>The document as JSON.</summary>
    /// <param name="services">What is described; methods with streams of requests are left out, as HTTP does not carry them.</param>
    /// <param name="contracts">Their contracts.</param>
    public static JsonObject Create(IReadOnlyList<ServiceDescriptor> services, ContractTable contracts)
    {
        var schemas = new SchemaWriter();
        var problem = schemas.Add("Problem", ProblemSchema());
        var paths = new JsonObject();
        var byName = contracts.All.ToDictionary(c => c.FullName);
        foreach (var method in services.SelectMany(s => s.Methods).Where(m => !m.IsClientStreaming))
        {
            var fullName = $"/{method.Service.FullName}/{method.Name}";
            var contract = byName.GetValueOrDefault(fullName) ?? MethodContract.Of(method);
            foreach (var (route, number) in RestRoute.Of(method).Append(RestRoute.Default(fullName)).Select((r, i) => (r, i)))
            {
                var path = route.Path.Describe();
                if (paths[path] is not JsonObject item)
                {
                    paths[path] = item = [];
                }
                item[route.Verb.ToLowerInvariant()] = new Operation(method, contract, route, schemas, problem).Describe(number);
            }
        }
        return new JsonObject
        {
            ["openapi"] = "3.1.1",
            ["info"] = new JsonObject
            {
                ["title"] = string.Join(", ", services.Select(s => s.Name)),
                ["version"] = services.Count > 0 ? services[0].File.Package : "",
                ["description"] = "Every operation also answers in protobuf, to Accept: application/protobuf. Failures are application/problem+json.",
            },
            ["tags"] = new JsonArray([.. services.Select(s => (JsonNode)new JsonObject { ["name"] = s.FullName })]),
            ["paths"] = paths,
            ["components"] = new JsonObject { ["schemas"] = schemas.Schemas },
        };
    }

    private static JsonObject ProblemSchema() => new()
    {
        ["type"] = "object",
        ["description"] = "Problem details (RFC 9457), with the gRPC status behind them.",
        ["properties"] = new JsonObject
        {
            ["type"] = new JsonObject { ["type"] = "string" },
            ["title"] = new JsonObject { ["type"] = "string" },
            ["status"] = new JsonObject { ["type"] = "integer" },
            ["detail"] = new JsonObject { ["type"] = "string", ["description"] = "What happened, to what, and what to do." },
            ["code"] = new JsonObject { ["type"] = "string", ["description"] = "The name of gRPC's status." },
            ["details"] = new JsonObject { ["type"] = "array", ["items"] = new JsonObject { ["type"] = "object", ["additionalProperties"] = true }, ["description"] = "What google.rpc adds." },
        },
        ["required"] = new JsonArray("status", "detail", "code"),
    };
}
