using System.Net;
using Anywire.Messaging;

namespace Anywire.RabbitMq;

/// <summary>An address of the form that the README states. Immutable.</summary>
internal sealed record RabbitMqAddress : BrokerAddress
{
    private const int DefaultPort = 5672;
    private const int DefaultSecuredPort = 5671;

    /// <exception cref="FormatException">It is not of that form; the message says what is wrong.</exception>
    public RabbitMqAddress(Endpoint endpoint)
        : base(endpoint)
    {
        Port = endpoint.Port > 0 ? endpoint.Port : endpoint.Scheme == RabbitMqTransport.Secured ? DefaultSecuredPort : DefaultPort;
        VirtualHost = endpoint.Path.Trim('/') is { Length: > 0 } path ? WebUtility.UrlDecode(path) : "/";
    }

    public int Port { get; }

    public string VirtualHost { get; }
}
