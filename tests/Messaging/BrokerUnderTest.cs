using Anywire.Brokers;
using Anywire.Nats;
using Anywire.RabbitMq;

namespace Anywire.Messaging.Tests;

/// <summary>A broker and the transport over it.</summary>
/// <param name="Transport">The transport, new.</param>
/// <param name="Address">Its address of a network.</param>
/// <param name="Credentials">What a service proves itself with; null without TLS.</param>
internal sealed record BrokerUnderTest(ITransport Transport, Func<string, Endpoint> Address, Func<string, ServiceCredentials?> Credentials)
{
    public static BrokerUnderTest Secured(RabbitMqBroker broker) =>
        new(new RabbitMqTransport(), network => Endpoint.Parse($"amqps://127.0.0.1:{broker.SecuredPort}?network={network}"), broker.Authority.For);

    public static BrokerUnderTest Secured(NatsBroker broker) =>
        new(new NatsTransport(), network => Endpoint.Parse($"natss://127.0.0.1:{broker.Port}?network={network}"), broker.Authority.For);

    public static BrokerUnderTest Of(RabbitMqBroker broker) =>
        new(new RabbitMqTransport(), network => Endpoint.Parse($"amqp://127.0.0.1:{broker.Port}?network={network}"), static _ => null);

    public static BrokerUnderTest Of(NatsBroker broker) =>
        new(new NatsTransport(), network => Endpoint.Parse($"nats://127.0.0.1:{broker.Port}?network={network}"), static _ => null);
}
