using System.Buffers;
using System.Net;

namespace Anywire.Messaging;

/// <summary>Where a broker is, and what our names begin with there: <c>scheme://user:password@host:port/path?network=name</c>. Immutable.</summary>
internal abstract record BrokerAddress
{
    private const string NetworkKey = "?network=";

    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_");

    /// <exception cref="FormatException">It is not of that form; the message says what is wrong.</exception>
    protected BrokerAddress(Endpoint endpoint)
    {
        if (endpoint.Host.Length == 0)
        {
            throw new FormatException($"\"{endpoint}\" names no broker. Write {endpoint.Scheme}://host:port.");
        }
        var user = endpoint.Uri.UserInfo.Split(':', 2);
        User = user[0] is { Length: > 0 } name ? WebUtility.UrlDecode(name) : null;
        Password = user.Length == 2 ? WebUtility.UrlDecode(user[1]) : null;
        Host = endpoint.Host;
        Network = endpoint.Uri.Query is { Length: > 0 } query ? NetworkOf(query, endpoint) : "anywire";
    }

    public string Host { get; }

    public string? User { get; }

    public string? Password { get; }

    /// <summary>What all names begin with, so that several networks can share a broker.</summary>
    public string Network { get; }

    /// <summary>Where requests of a service go, to whichever instance is free or next.</summary>
    public string RequestsOf(string service) => $"{Network}.{service}.requests";

    /// <summary>What all instances of a service are told under.</summary>
    public string ControlOf(string service) => $"{Network}.{service}.control";

    /// <summary>What one instance of a service, and no other, is told under.</summary>
    public string NewControlOf(string service) => $"{ControlOf(service)}.{Guid.NewGuid():N}";

    private static string NetworkOf(string query, Endpoint endpoint) =>
        query.StartsWith(NetworkKey, StringComparison.Ordinal) && query.Length > NetworkKey.Length && query.AsSpan(NetworkKey.Length).IndexOfAnyExcept(NameCharacters) < 0
            ? query[NetworkKey.Length..]
            : throw new FormatException($"\"{endpoint}\" has \"{query}\" in it, where only ?network=NAME is known, of letters, digits, - and _.");
}
