using System.Reflection;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Twite.Web;

/// <summary>The style sheet, the script and the pictures. They are inside the assembly, so that one file is the whole program, and their URLs
/// carry a hash of their content, so that browsers keep them for good and still see a new version at once.</summary>
internal static class StaticAssets
{
    private const string Folder = "/assets/";

    // One style sheet for the browser, one file per subject for people. The order is part of what they say.
    private static readonly IReadOnlyList<string> StyleSheets = ["page.css", "header.css", "parts.css", "forms.css", "people.css"];
    private static readonly IReadOnlyDictionary<string, Asset> ByName = Load();

    /// <summary>The URL of an asset by its file name.</summary>
    public static string Url(string name) => $"{Folder}{name}?v={ByName[name].Version}";

    /// <summary>Serves them.</summary>
    public static IApplicationBuilder UseStaticAssets(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        var path = context.Request.Path.Value ?? "";
        var name = path == "/favicon.ico" ? "finch.svg" : path.StartsWith(Folder, StringComparison.Ordinal) ? path[Folder.Length..] : "";
        return ByName.TryGetValue(name, out var asset) && HttpMethods.IsGet(context.Request.Method)
            ? ServeAsync(context, asset)
            : next(context);
    });

    private static Task ServeAsync(HttpContext context, Asset asset)
    {
        var (request, response) = (context.Request, context.Response);
        response.Headers.ETag = asset.ETag;
        response.Headers.CacheControl = request.Query["v"] == asset.Version ? "public, max-age=31536000, immutable" : "no-cache";
        if (request.Headers.IfNoneMatch.Contains(asset.ETag))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }
        response.ContentType = asset.ContentType;
        response.ContentLength = asset.Content.Length;
        return response.Body.WriteAsync(asset.Content, 0, asset.Content.Length, context.RequestAborted);
    }

    private static Dictionary<string, Asset> Load()
    {
        var assembly = Assembly.GetExecutingAssembly();
        var assets = assembly.GetManifestResourceNames()
            .Where(resource => resource.StartsWith(Folder, StringComparison.Ordinal) && !resource.EndsWith(".css", StringComparison.Ordinal))
            .ToDictionary(resource => resource[Folder.Length..], resource => Asset.Of(resource, Read(assembly, resource)), StringComparer.Ordinal);
        assets["twite.css"] = Asset.Of("twite.css", [.. StyleSheets.SelectMany(name => Read(assembly, Folder + name))]);
        return assets;
    }

    private static byte[] Read(Assembly assembly, string resource)
    {
        using var stream = assembly.GetManifestResourceStream(resource)
            ?? throw new InvalidOperationException($"{resource} is not in the assembly.");
        var content = new byte[stream.Length];
        stream.ReadExactly(content);
        return content;
    }

    private sealed record Asset(byte[] Content, string Version, string ETag, string ContentType)
    {
        public static Asset Of(string name, byte[] content)
        {
            var version = Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 8));
            return new Asset(content, version, $"\"{version}\"", Path.GetExtension(name) switch
            {
                ".css" => "text/css; charset=utf-8",
                ".js" => "text/javascript; charset=utf-8",
                ".svg" => "image/svg+xml",
                var other => throw new NotSupportedException($"No content type is known for {other}."),
            });
        }
    }
}
