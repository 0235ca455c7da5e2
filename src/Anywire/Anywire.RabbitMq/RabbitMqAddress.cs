using System.Net;

namespace Anywire.RabbitMq;

/// <summary>Where a broker is, and what the names of our queues begin with there: <c>amqp://user:password@host:5672/vhost?network=name</c>. Immutable.</summary>
internal sealed record RabbitMqAddress
{
    private const int Port = 5672;
    private const int SecuredPort = 5671;

    private RabbitMqAddress(Endpoint endpoint)
    {
        var uri = endpoint.Uri;
        var user = uri.UserInfo.Split(':', 2);
        Endpoint = endpoint;
        BrokerHost = uri.Host;
        BrokerPort = uri.Port > 0 ? uri.Port : IsSecured ? SecuredPort : Port;
        VirtualHost = uri.AbsolutePath.Trim('/') is { Length: > 0 } path ? WebUtility.UrlDecode(path) : "/";
        User = user[0] is { Length: > 0 } name ? WebUtility.UrlDecode(name) : null;
        Password = user.Length == 2 ? WebUtility.UrlDecode(user[1]) : null;
        Network = uri.Query is { Length: > 0 } query ? NetworkOf(query, endpoint) : "anywire";
    }

    /// <summary>The address as it was written.</summary>
    public Endpoint Endpoint { get; }

    public bool IsSecured => Endpoint.Scheme == RabbitMqTransport.Secured;

    public string BrokerHost { get; }

    public int BrokerPort { get; }

    public string VirtualHost { get; }

    public string? User { get; }

    public string? Password { get; }

    /// <summary>What the names of all queues begin with, so that several networks can share a virtual host.</summary>
    public string Network { get; }

    /// <summary>Reads an address.</summary>
    /// <exception cref="FormatException">It is not of that form; the message says what is wrong.</exception>
    public static RabbitMqAddress Of(Endpoint endpoint) => endpoint.Host.Length > 0
        ? new RabbitMqAddress(endpoint)
        : throw new FormatException($"\"{endpoint}\" names no broker. Write {endpoint.Scheme}://host:port/vhost.");

    /// <summary>Where requests of a service wait for whichever instance is free.</summary>
    public string RequestsOf(string service) => $"{Network}.{service}.requests";

    /// <summary>What all instances of a service are told under.</summary>
    public string ControlOf(string service) => $"{Network}.{service}.control";

    private static string NetworkOf(string query, Endpoint endpoint)
    {
        const string Key = "?network=";
        return query.StartsWith(Key, StringComparison.Ordinal) && query.Length > Key.Length && query.AsSpan(Key.Length).IndexOfAnyExcept(NameCharacters) < 0
            ? query[Key.Length..]
            : throw new FormatException($"\"{endpoint}\" has \"{query}\" in it, where only ?network=NAME is known, of letters, digits, - and _.");
    }

    private static readonly System.Buffers.SearchValues<char> NameCharacters =
        System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_");
}
