using System.Text.Encodings.Web;
using System.Text.Json;
using Google.Protobuf.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Scalar.AspNetCore;

namespace Anywire.Http.OpenApi;

/// <summary><c>GET /openapi.json</c>: what there is, for programs; <c>GET /docs</c>: the same for people.</summary>
internal static class OpenApiEndpoints
{
    private const string Path = "/openapi.json";

    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Map(WebApplication app, IReadOnlyList<ServiceDescriptor> services, ContractTable contracts)
    {
        var document = new Lazy<byte[]>(() => JsonSerializer.SerializeToUtf8Bytes(OpenApiDocument.Create(services, contracts), Format));
        app.MapMethods(Path, [HttpMethods.Get], async http =>
        {
            http.Response.ContentType = "application/json";
            http.Response.ContentLength = document.Value.Length;
            await http.Response.BodyWriter.WriteAsync(document.Value, http.RequestAborted);
        });
        // Everything the page needs comes with it: it asks nobody else.
        app.MapScalarApiReference("/docs", page => page
            .WithOpenApiRoutePattern(Path)
            .WithTitle(string.Join(", ", services.Select(s => s.Name)))
            .DisableDefaultFonts()
            .DisableTelemetry());
    }
}
