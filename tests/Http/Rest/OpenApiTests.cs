using System.Text.Json;
using Microsoft.OpenApi;

namespace Anywire.Http.Tests.Rest;

public sealed class OpenApiTests(LibraryServer library) : IClassFixture<LibraryServer>
{
    [Fact]
    public async Task The_document_is_OpenAPI_3_1_and_has_every_route()
    {
        var json = await library.Http.GetStringAsync("/openapi.json");
        var read = OpenApiDocument.Parse(json, OpenApiConstants.Json);
        Assert.Empty(read.Diagnostic!.Errors);
        Assert.Equal(OpenApiSpecVersion.OpenApi3_1, read.Diagnostic.SpecificationVersion);
        var paths = read.Document!.Paths;
        var book = paths["/v1/{name}"].Operations!;
        Assert.Equal(["DELETE", "GET"], book.Keys.Select(k => k.Method).Order());
        Assert.Contains("201", paths["/v1/shelves/{shelf}/books"].Operations![HttpMethod.Post].Responses!.Keys);
        Assert.Equal(
            ["shelf", "page.limit", "page.cursor", "tags", "newestFirst"],
            paths["/v1/shelves/{shelf}/books"].Operations![HttpMethod.Get].Parameters!.Select(p => p.Name));
        Assert.Contains("/anywire.http.tests.Library/Sort", paths.Keys);
        Assert.Contains("/grpc.health.v1.Health/Check", paths.Keys);
    }

    [Fact]
    public async Task Each_reference_leads_somewhere()
    {
        using var document = JsonDocument.Parse(await library.Http.GetStringAsync("/openapi.json"));
        var schemas = document.RootElement.GetProperty("components").GetProperty("schemas").EnumerateObject().Select(s => "#/components/schemas/" + s.Name).ToHashSet();
        var references = ReferencesIn(document.RootElement).ToHashSet();
        Assert.NotEmpty(references);
        Assert.Subset(schemas, references);
    }

    [Fact]
    public async Task The_page_asks_nobody_else()
    {
        var page = await library.Http.GetStringAsync("/docs/");
        Assert.Contains("openapi.json", page);
        Assert.DoesNotContain("https://", page.Replace("https://github.com", "", StringComparison.Ordinal));
    }

    private static IEnumerable<string> ReferencesIn(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object => json.EnumerateObject().SelectMany(p => p.Name == "$ref" ? [p.Value.GetString()!] : ReferencesIn(p.Value)),
        JsonValueKind.Array => json.EnumerateArray().SelectMany(ReferencesIn),
        _ => [],
    };
}
