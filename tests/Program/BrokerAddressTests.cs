using Anywire;
using Twite.Brokers;
using Twite.Topologies;

namespace Twite.ProgramTests;

/// <summary>Addresses that lead to a broker: many may share one, and names tell apart who must be.</summary>
public sealed class BrokerAddressTests
{
    private const string Broker = "amqps://10.0.0.1";

    [Theory]
    [InlineData("accounts", """{ "listen": ["amqps://10.0.0.1"] }""")]
    [InlineData("accounts", """{ "listen": ["amqps://10.0.0.1:5671"] }""")]
    [InlineData("accounts", """{ "replicas": [{ "listen": ["amqps://10.0.0.1"] }, { "listen": ["amqps://10.0.0.1"] }] }""")]
    [InlineData("accounts", """{ "replicas": [{ "listen": ["amqps://10.0.0.1"] }, { "listen": ["amqps://10.0.0.2"] }] }""")]
    [InlineData("accounts", """{ "listen": ["inproc:accounts", "natss://10.0.0.1?network=other"] }""")]
    [InlineData("web", """{ "replicas": [{ "listen": ["amqps://10.0.0.1?instance=web-1"] }, { "listen": ["amqps://10.0.0.1?instance=web-2"] }] }""")]
    [InlineData("web", """{ "replicas": [{ "listen": ["amqps://10.0.0.1?instance=web-1"] }, { "listen": ["amqps://10.0.0.2?instance=web-2&network=anywire"] }] }""")]
    public void What_goes_together_is_taken(string service, string entry) => Assert.Empty(Problems(service, entry));

    [Theory]
    [InlineData("accounts", """{ "listen": ["amqps://10.0.0.1?color=red"] }""", "\"?color=red\" is not understood")]
    [InlineData("accounts", """{ "listen": ["amqps://10.0.0.1?network="] }""", "is not understood")]
    [InlineData("accounts", """{ "listen": ["amqps://10.0.0.1?network=a.b"] }""", "of letters, digits")]
    [InlineData("accounts", """{ "listen": ["amqps://10.0.0.1?instance=one"] }""", "only front ends are told apart")]
    [InlineData("accounts", """{ "listen": ["amqps://10.0.0.1?network=other"] }""", "differ in network= or virtual host")]
    [InlineData("accounts", """{ "listen": ["amqps://10.0.0.1/other"] }""", "differ in network= or virtual host")]
    [InlineData("accounts", """{ "listen": ["amqps://0.0.0.0"] }""", "Say where the broker is")]
    [InlineData("accounts", """{ "listen": ["amqps://10.0.0.1:0"] }""", "Name a port")]
    [InlineData("web", """{ "replicas": [{ "listen": ["amqps://10.0.0.1"] }, { "listen": ["amqps://10.0.0.1"] }] }""", "web-1 and web-2 are at a broker by one name")]
    [InlineData("web", """{ "replicas": [{ "listen": ["amqps://10.0.0.1"] }, { "listen": ["amqps://10.0.0.2"] }] }""", "Add ?instance=NAME")]
    [InlineData("web", """{ "listen": ["amqps://10.0.0.1?instance=a", "amqps://10.0.0.2?instance=b"] }""", "by several names")]
    public void What_does_not_is_refused(string service, string entry, string because)
    {
        var problems = Problems(service, entry).ToList();
        Assert.Contains(problems, p => p.Contains(because, StringComparison.Ordinal));
        Assert.Single(problems);
    }

    [Fact]
    public void A_plain_one_needs_to_be_allowed_and_private()
    {
        Assert.Contains(Problems("accounts", """{ "listen": ["nats://10.0.0.1"] }"""), p => p.Contains("--insecure"));
        Assert.Contains(Problems("accounts", """{ "listen": ["nats://8.8.8.8"] }""", insecure: true), p => p.Contains("strangers"));
    }

    [Fact]
    public void Each_broker_is_found_once_whoever_is_called_there_by_what_name()
    {
        var topology = With("web", """{ "replicas": [{ "listen": ["amqps://10.0.0.1:5671?instance=a"] }, { "listen": ["natss://10.0.0.9"] }] }""");
        Assert.Equal(["RabbitMQ at amqps://10.0.0.1:5671", "NATS at natss://10.0.0.9:4222"], BrokerSite.In(topology).Select(b => b.ToString()));
        var named = BrokerSite.Of(Endpoint.Parse("amqps://[::1]/twite?network=n"))!;
        Assert.Equal(("twite", "n", "::1", "amqps://[::1]:5671/twite"), (named.VirtualHost, named.Network, named.Host, named.Address));
    }

    [Fact]
    public void Replicas_at_one_broker_are_called_at_one_address() =>
        Assert.Equal([Broker], new Reach(new EdgeWires(With("accounts", """{ "replicas": [{ "listen": ["amqps://10.0.0.1"] }, { "listen": ["amqps://10.0.0.1"] }] }"""), Composition.Transports(), new ContractTable(ServiceCatalog.Services.Values)), [])
            .AddressesOf("web", "accounts").Select(e => e.ToString()));

    private static IEnumerable<string> Problems(string service, string entry, bool insecure = false) =>
        TopologyCheck.Problems(With(service, entry), Composition.Transports(), new ContractTable(ServiceCatalog.Services.Values), insecure);

    /// <summary>All services at one broker, but for one.</summary>
    private static Topology With(string service, string entry)
    {
        var entries = ServiceCatalog.Services.Keys.Select(s => $"\"{s}\": {(s == service ? entry : $$"""{ "listen": ["{{Broker}}"] }""")}");
        return TopologyFile.Parse($$"""{ "services": { {{string.Join(", ", entries)}} } }""", "test.json");
    }
}
