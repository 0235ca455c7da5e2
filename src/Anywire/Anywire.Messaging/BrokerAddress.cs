using System.Net;

namespace Anywire.Messaging;

/// <summary>Where a broker is, and what our names begin with there: <c>scheme://user:password@host:port/path?network=name&amp;instance=name</c>. Immutable.</summary>
internal abstract record BrokerAddress
{
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
        Names = BrokerNames.Of(endpoint) ?? throw new FormatException(
            $"\"{endpoint}\" has \"{endpoint.Uri.Query}\" in it, where only network=NAME and instance=NAME are known, of letters, digits, - and _.");
    }

    public string Host { get; }

    public string? User { get; }

    public string? Password { get; }

    /// <summary>Which names it means there.</summary>
    public BrokerNames Names { get; }

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
    protected string Of(string service) => Names.Instance is null ? $"{Names.Network}.{service}" : $"{Names.Network}.{service}.{Names.Instance}";
}
