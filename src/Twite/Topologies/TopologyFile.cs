using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Anywire;

namespace Twite.Topologies;

/// <summary>Topologies as files, JSON with comments; docs/guides/topologies.md describes them. The least that a service has:
/// <c>{ "services": { "accounts": { "listen": ["inproc:accounts"] } } }</c>.</summary>
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
            s => s.Key, s => Place(s.Key, s.Value ?? new Entry(), source), StringComparer.Ordinal));
    }

    private static PlacedService Place(string service, Entry entry, string source)
    {
        if (entry.Replicas is null)
        {
            return new PlacedService(service, [Place(service, service, entry, null, source)]);
        }
        if (entry.Listen is not null || entry.Urls is not null)
        {
            throw new TopologyException(
                $"In the topology {source}, {service} has replicas and addresses of its own. Put \"listen\" and \"urls\" into each replica; only \"call\" may stand beside \"replicas\".");
        }
        if (entry.Replicas.Count == 0)
        {
            throw new TopologyException($"In the topology {source}, {service} has no replica: name at least one, such as \"replicas\": [{{ \"listen\": [\"grpcs://host:port\"] }}].");
        }
        return new PlacedService(service,
        [
            .. entry.Replicas.Select((replica, index) => Place(
                service, entry.Replicas.Count == 1 ? service : $"{service}-{index + 1}", replica ?? new Replica(), entry.Call, source)),
        ]);
    }

    private static PlacedInstance Place(string service, string name, Replica replica, IReadOnlyList<string>? call, string source)
    {
        if (replica.Listen is not { Count: > 0 })
        {
            throw new TopologyException($"In the topology {source}, {name} listens nowhere: give it at least one address, such as \"listen\": [\"inproc:{service}\"].");
        }
        if (call is not null && replica.Call is not null)
        {
            throw new TopologyException($"In the topology {source}, {name} has \"call\" of its own and {service} has it for all. Write it in one place.");
        }
        call ??= replica.Call;
        if (call is { Count: 0 })
        {
            throw new TopologyException($"In the topology {source}, {name} can be called nowhere: leave \"call\" out, or put an address into it.");
        }
        var listen = ParseAddresses(name, "listens", replica.Listen, source);
        return new PlacedInstance(service, name, listen, call is null ? listen : ParseAddresses(name, "is called", call, source), [.. replica.Urls ?? []]);
    }

    private static ImmutableArray<Endpoint> ParseAddresses(string name, string verb, IReadOnlyList<string> addresses, string source) =>
    [
        .. addresses.Select(address => Endpoint.TryParse(address, out var endpoint) ? endpoint : throw new TopologyException(
            $"In the topology {source}, {name} {verb} at \"{address}\", which is not an address; one looks like grpcs://host:port or inproc:{name}.")),
    ];

    private static string FirstSentence(string message) => message.Split(" Path:", 2)[0];

    private sealed record Document(Dictionary<string, Entry?>? Services);

    private record Replica(IReadOnlyList<string>? Listen = null, IReadOnlyList<string>? Call = null, IReadOnlyList<string>? Urls = null);

    private sealed record Entry(
        IReadOnlyList<string>? Listen = null, IReadOnlyList<string>? Call = null, IReadOnlyList<string>? Urls = null, IReadOnlyList<Replica?>? Replicas = null)
        : Replica(Listen, Call, Urls);
}
