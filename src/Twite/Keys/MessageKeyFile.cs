using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Anywire;

namespace Twite.Keys;

/// <summary>One service's keys for messages that go through a broker, as they are in its <c>message-keys.json</c>: X25519, 32 bytes each. Immutable.</summary>
/// <param name="Current">The number of the keys that are used.</param>
/// <param name="Own">The service's private keys, by number.</param>
/// <param name="Peers">The public keys of all others, by name and number.</param>
internal sealed record MessageKeyFile(
    [property: JsonRequired] uint Current,
    [property: JsonRequired] ImmutableSortedDictionary<uint, byte[]> Own,
    [property: JsonRequired] ImmutableSortedDictionary<string, ImmutableSortedDictionary<uint, byte[]>> Peers)
{
    private const int KeyLength = 32;

    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>Where a service's file is.</summary>
    /// <param name="folder">The service's own folder.</param>
    public static string PathIn(string folder) => Path.Combine(folder, "message-keys.json");

    /// <summary>Reads a service's file; null when there is none.</summary>
    /// <param name="folder">The service's own folder.</param>
    /// <exception cref="FormatException">It is no such file; the message says why.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static MessageKeyFile? Read(string folder)
    {
        var path = PathIn(folder);
        if (!File.Exists(path))
        {
            return null;
        }
        try
        {
            return JsonSerializer.Deserialize<MessageKeyFile>(File.ReadAllText(path), Format) is { } file && file.IsWhole
                ? file
                : throw new FormatException($"{path} has no keys of {KeyLength} bytes, or not the one that is to be used");
        }
        catch (JsonException error)
        {
            throw new FormatException($"{path} cannot be understood (line {((error.LineNumber ?? 0) + 1).ToString(CultureInfo.InvariantCulture)})", error);
        }
    }

    /// <summary>As text.</summary>
    public string ToText() => JsonSerializer.Serialize(this, Format) + "\n";

    /// <summary>As the wires take them.</summary>
    public MessageKeys ToKeys() => new(
        Current,
        Own.ToImmutableDictionary(k => k.Key, k => (ReadOnlyMemory<byte>)k.Value),
        Peers.ToImmutableDictionary(p => p.Key, p => p.Value.ToImmutableDictionary(k => k.Key, k => (ReadOnlyMemory<byte>)k.Value), StringComparer.Ordinal));

    // What JSON lets through: a null where keys should be, keys of another length.
    private bool IsWhole => Own is not null && Peers is not null && Own.ContainsKey(Current) && Peers.Values.All(p => p is not null)
        && Own.Values.Concat(Peers.Values.SelectMany(p => p.Values)).All(k => k is { Length: KeyLength });
}
