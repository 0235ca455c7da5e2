using Anywire.Brokers;
using Anywire.RabbitMq;
using Twite.Faults;

[assembly: AssemblyFixture(typeof(RabbitMqTestServer))]

namespace Anywire.Conformance.Wires;

public sealed class RabbitMqConformance(RabbitMqTestServer server) : ConformanceSuite
{
    private RabbitMqBroker _broker = null!;

    public override async ValueTask InitializeAsync()
    {
        LongForm.RequireIf(isLong: true);
        _broker = await server.BrokerAsync();
    }

    protected override TransportUnderTest Create() => new()
    {
        Name = "RabbitMQ",
        Transport = new RabbitMqTransport(),
        Address = () => Endpoint.Parse($"amqps://127.0.0.1:{_broker.SecuredPort}?network={Guid.NewGuid():N}"),
        CredentialsOf = _broker.Authority.For,
    };
}

public sealed class PlainRabbitMqConformance(RabbitMqTestServer server) : ConformanceSuite
{
    private int _port;

    public override async ValueTask InitializeAsync()
    {
        LongForm.RequireIf(isLong: true);
        _port = (await server.BrokerAsync()).Port;
    }

    protected override TransportUnderTest Create() => new()
    {
        Name = "RabbitMQ, plain",
        Transport = new RabbitMqTransport(),
        Address = () => Endpoint.Parse($"amqp://127.0.0.1:{_port}?network={Guid.NewGuid():N}"),
    };
}
