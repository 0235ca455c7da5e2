using Anywire.Brokers;
using Anywire.Nats;
using Twite.Faults;

[assembly: AssemblyFixture(typeof(NatsTestServer))]
[assembly: AssemblyFixture(typeof(SecuredNatsTestServer))]

namespace Anywire.Conformance.Wires;

public sealed class NatsConformance(SecuredNatsTestServer server) : ConformanceSuite
{
    private NatsBroker _broker = null!;

    public override async ValueTask InitializeAsync() => _broker = await server.BrokerAsync();

    protected override TransportUnderTest Create() => new()
    {
        Name = "NATS",
        Transport = new NatsTransport(),
        Address = () => Endpoint.Parse($"natss://127.0.0.1:{_broker.Port}?network={Guid.NewGuid():N}"),
        CredentialsOf = _broker.Authority.For,
    };
}

public sealed class PlainNatsConformance(NatsTestServer server) : ConformanceSuite
{
    private int _port;

    public override async ValueTask InitializeAsync()
    {
        // The code is the same but for TLS and the seals.
        LongForm.RequireIf(isLong: true);
        _port = (await server.BrokerAsync()).Port;
    }

    protected override TransportUnderTest Create() => new()
    {
        Name = "NATS, plain",
        Transport = new NatsTransport(),
        Address = () => Endpoint.Parse($"nats://127.0.0.1:{_port}?network={Guid.NewGuid():N}"),
    };
}
