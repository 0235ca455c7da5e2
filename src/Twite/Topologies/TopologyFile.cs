using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Anywire;

namespace Twite.Topologies;

/// <summary>Topologies as files: <c>{ "services": { "accounts": { "listen": ["inproc:accounts"] } } }</c>, JSON with comments.</summary>
internal static class TopologyFile
{
    private static readonly JsonSerializerOptions Format = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
    };

    /// <summary>The names of the topologies that come with the program.</summary>
    public static IReadOnlyList<string> Names =>
        Directory.Exists(Folder)
            ? [.. Directory.EnumerateFiles(Folder, "*.json").Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal)]
            : [];

    private static string Folder => Path.Combine(AppContext.BaseDirectory, "topologies");

    /// <summary>Loads one by its name or from a file.</summary>
    /// <exception cref="TopologyException">There is none, or it is not well-formed.</exception>
    public static Topology Load(string nameOrFile)
    {
        var path = Names.Contains(nameOrFile) ? Path.Combine(Folder, nameOrFile + ".json") : nameOrFile;
        if (!File.Exists(path))
        {
            throw new TopologyException(
                $"There is no topology \"{nameOrFile}\": it is neither a file nor one of those that come with Twite ({string.Join(", ", Names)}).");
        }
        try
        {
            return Parse(File.ReadAllText(path), nameOrFile);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new TopologyException($"The topology {path} cannot be read: {error.Message}", error);
        }
    }

    /// <summary>Reads one from JSON.</summary>
    /// <param name="json">The text.</param>
    /// <param name="source">What to call it in messages.</param>
    /// <exception cref="TopologyException">It is not well-formed; says where.</exception>
    public static Topology Parse(string json, string source)
    {
        Document document;
        try
        {
            document = JsonSerializer.Deserialize<Document>(json, Format) ?? new Document(null);
        }
        catch (JsonException error)
        {
            var line = error.LineNumber is { } number ? $", line {number + 1}" : "";
            throw new TopologyException($"The topology {source}{line} cannot be understood: {FirstSentence(error.Message)}", error);
        }
        if (document.Services is not { Count: > 0 })
        {
            throw new TopologyException($"The topology {source} has no services; it looks like {{ \"services\": {{ \"accounts\": {{ \"listen\": [\"inproc:accounts\"] }}, … }} }}.");
        }
        return new Topology(source, document.Services.ToImmutableSortedDictionary(
            s => s.Key, s => new PlacedService(s.Key, ParseAddresses(s.Key, s.Value?.Listen, source)), StringComparer.Ordinal));
    }

    private static ImmutableArray<Endpoint> ParseAddresses(string service, IReadOnlyList<string>? addresses, string source)
    {
        if (addresses is not { Count: > 0 })
        {
            throw new TopologyException($"In the topology {source}, {service} listens nowhere: give it at least one address, such as \"listen\": [\"inproc:{service}\"].");
        }
        return [.. addresses.Select(address => Endpoint.TryParse(address, out var endpoint) ? endpoint : throw new TopologyException(
            $"In the topology {source}, {service} listens at \"{address}\", which is not an address; one looks like grpcs://host:port or inproc:{service}."))];
    }

    private static string FirstSentence(string message) => message.Split(" Path:", 2)[0];

    private sealed record Document(Dictionary<string, Entry?>? Services);

    private sealed record Entry(IReadOnlyList<string>? Listen);
}
