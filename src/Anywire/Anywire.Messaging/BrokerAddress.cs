using System.Buffers;
using System.Net;

namespace Anywire.Messaging;

/// <summary>Where a broker is, and what our names begin with there: <c>scheme://user:password@host:port/path?network=name&amp;instance=name</c>. Immutable.</summary>
internal abstract record BrokerAddress
{
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
        Network = "anywire";
        foreach (var pair in endpoint.Uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var (key, value) = pair.Split('=', 2) is [var before, var after] ? (before, after) : (pair, "");
            if (key is not ("network" or "instance") || value.Length == 0 || value.AsSpan().IndexOfAnyExcept(NameCharacters) >= 0)
            {
                throw new FormatException($"\"{endpoint}\" has \"{pair}\" in it, where only network=NAME and instance=NAME are known, of letters, digits, - and _.");
            }
            (Network, Instance) = key == "network" ? (value, Instance) : (Network, value);
        }
    }

    public string Host { get; }

    public string? User { get; }

    public string? Password { get; }

    /// <summary>What all names begin with, so that several networks can share a broker.</summary>
    public string Network { get; }

    /// <summary>The one instance that the address means, where a service's instances are not all the same; null when they are.</summary>
    public string? Instance { get; }

    /// <summary>Where requests of a service go, to whichever instance is free or next.</summary>
    public string RequestsOf(string service) => $"{Of(service)}.requests";

    /// <summary>Where events of a service are kept until they were handled.</summary>
    public string EventsOf(string service) => $"{Of(service)}.events";

    /// <summary>Where events of a service are kept that never will be.</summary>
    public string DeadLettersOf(string service) => $"{Of(service)}.dead";

    /// <summary>What all instances of a service are told under.</summary>
    public string ControlOf(string service) => $"{Of(service)}.control";

    /// <summary>What one instance of a service, and no other, is told under.</summary>
    public string NewControlOf(string service) => $"{ControlOf(service)}.{Guid.NewGuid():N}";

    /// <summary>What the names of a service, or of the one instance that is meant, begin with.</summary>
    protected string Of(string service) => Instance is null ? $"{Network}.{service}" : $"{Network}.{service}.{Instance}";
}
