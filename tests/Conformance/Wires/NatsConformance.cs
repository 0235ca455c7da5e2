using Anywire.Brokers;
using Anywire.Nats;

[assembly: AssemblyFixture(typeof(NatsTestServer))]

namespace Anywire.Conformance.Wires;

public sealed class PlainNatsConformance(NatsTestServer server) : ConformanceSuite
{
    private int _port;

    public override async ValueTask InitializeAsync() => _port = (await server.BrokerAsync()).Port;

    protected override TransportUnderTest Create() => new()
    {
        Name = "NATS, plain",
        Transport = new NatsTransport(),
        Address = () => Endpoint.Parse($"nats://127.0.0.1:{_port}?network={Guid.NewGuid():N}"),
    };
}
