using System.Buffers;
using System.Net;

namespace Anywire.Nats;

/// <summary>Where a broker is, and what our subjects begin with there: <c>nats://user:password@host:4222?network=name</c>. Immutable.</summary>
internal sealed record NatsAddress
{
    private const int Port = 4222;

    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_");

    private NatsAddress(Endpoint endpoint)
    {
        var uri = endpoint.Uri;
        var user = uri.UserInfo.Split(':', 2);
        Endpoint = endpoint;
        Broker = $"nats://{uri.Host}:{(uri.Port > 0 ? uri.Port : Port)}";
        User = user[0] is { Length: > 0 } name ? WebUtility.UrlDecode(name) : null;
        Password = user.Length == 2 ? WebUtility.UrlDecode(user[1]) : null;
        Network = uri.Query is { Length: > 0 } query ? NetworkOf(query, endpoint) : "anywire";
    }

    /// <summary>The address as it was written.</summary>
    public Endpoint Endpoint { get; }

    /// <summary>The broker's own address.</summary>
    public string Broker { get; }

    public string? User { get; }

    public string? Password { get; }

    /// <summary>What all subjects begin with, so that several networks can share a broker.</summary>
    public string Network { get; }

    /// <summary>Reads an address.</summary>
    /// <exception cref="FormatException">It is not of that form; the message says what is wrong.</exception>
    public static NatsAddress Of(Endpoint endpoint) => endpoint.Host.Length > 0
        ? new NatsAddress(endpoint)
        : throw new FormatException($"\"{endpoint}\" names no broker. Write {endpoint.Scheme}://host:port.");

    /// <summary>Where requests of a service go, to whichever instance is next.</summary>
    public string RequestsOf(string service) => $"{Network}.{service}.requests";

    /// <summary>Where it is asked whether any instance of a service listens.</summary>
    public string PresenceOf(string service) => $"{Network}.{service}.presence";

    /// <summary>What all instances of a service are told under.</summary>
    public string ControlOf(string service) => $"{Network}.{service}.control";

    /// <summary>What the answers to one calling instance begin with.</summary>
    public string AnswersTo(string caller) => $"{Network}.{caller}.answers.{Guid.NewGuid():N}";

    private static string NetworkOf(string query, Endpoint endpoint)
    {
        const string Key = "?network=";
        return query.StartsWith(Key, StringComparison.Ordinal) && query.Length > Key.Length && query.AsSpan(Key.Length).IndexOfAnyExcept(NameCharacters) < 0
            ? query[Key.Length..]
            : throw new FormatException($"\"{endpoint}\" has \"{query}\" in it, where only ?network=NAME is known, of letters, digits, - and _.");
    }
}
