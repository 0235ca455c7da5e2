using Anywire;
using Twite.Topologies;

namespace Twite.ProgramTests;

/// <summary>Which addresses a process calls at, and what it refuses to be without.</summary>
public sealed class ReachTests
{
    [Fact]
    public void The_first_scheme_is_used_and_all_addresses_of_it() => Assert.Equal(
        ["grpcs://127.0.0.1:1", "grpcs://127.0.0.1:2"],
        Called("""{ "listen": ["grpcs://127.0.0.1:1", "grpc://127.0.0.1:3", "grpcs://127.0.0.1:2"] }"""));

    [Fact]
    public void Replicas_are_all_called() => Assert.Equal(
        ["grpcs://a:1", "grpcs://b:1"], Called("""{ "replicas": [{ "listen": ["grpcs://a:1"] }, { "listen": ["grpcs://b:1"] }] }"""));

    [Fact]
    public void What_stands_before_them_is_called_instead() => Assert.Equal(
        ["grpcs://proxy:9"], Called("""{ "call": ["grpcs://proxy:9"], "replicas": [{ "listen": ["grpcs://a:1"] }, { "listen": ["grpcs://b:1"] }] }"""));

    [Fact]
    public void In_process_is_used_within_the_process() => Assert.Equal(
        ["inproc:messages"], Called("""{ "listen": ["inproc:messages", "grpcs://a:1"] }""", "messages"));

    [Fact]
    public void And_the_next_scheme_by_all_others() => Assert.Equal(
        ["grpcs://a:1"], Called("""{ "listen": ["inproc:messages", "grpcs://a:1"] }""", "follows"));

    [Fact]
    public void In_process_only_the_replicas_of_the_process_are_called() => Assert.Equal(
        ["inproc:m2"], Called("""{ "replicas": [{ "listen": ["inproc:m1", "grpcs://a:1"] }, { "listen": ["inproc:m2", "grpcs://b:1"] }] }""", "messages-2"));

    [Fact]
    public void The_whole_monolith_may_be_run() => Assert.Empty(At(TopologyFile.Load("monolith"), [.. ServiceCatalog.Services.Keys]).Problems());

    [Fact]
    public void A_part_of_it_may_not()
    {
        var problems = At(TopologyFile.Load("monolith"), "accounts", "follows", "notifications", "web").Problems().ToList();
        Assert.Contains(problems, p => p.StartsWith("web calls messages, which", StringComparison.Ordinal) && p.Contains("Run messages here too"));
        Assert.Contains(problems, p => p.StartsWith("messages, which does not run here, calls accounts", StringComparison.Ordinal));
    }

    [Fact]
    public void A_part_with_addresses_for_others_may() => Assert.Empty(At(TopologyFile.Load("grpc"), "follows").Problems());

    [Fact]
    public void A_front_end_is_reached_in_process_only_by_those_in_it()
    {
        var topology = With("web", """{ "listen": ["inproc:web", "grpcs://w:1"] }""");
        Assert.Equal("inproc:web", At(topology, "web", "notifications").AddressFor("notifications", topology["web"].Instances[0])!.ToString());
        Assert.Equal("grpcs://w:1", At(topology, "web").AddressFor("notifications", topology["web"].Instances[0])!.ToString());
    }

    [Fact]
    public void A_service_means_all_its_replicas_and_a_number_means_one()
    {
        var topology = With("messages", """{ "replicas": [{ "listen": ["inproc:m1"] }, { "listen": ["inproc:m2"] }] }""");
        Assert.Equal(["messages-1", "messages-2"], topology.Find(["messages", "messages-2"]).Select(i => i.Name));
        Assert.Equal(["messages-2"], topology.Find(["messages-2"]).Select(i => i.Name));
        Assert.Contains("it has accounts, follows, messages-1", Assert.Throws<TopologyException>(() => topology.Find(["messages-3"])).Message);
    }

    [Theory]
    [InlineData("amqps://b/v?instance=w", "amqps://b/v?instance=w, amqps://a/v?instance=w")]
    [InlineData("amqps://a/v", "amqps://a/v")]
    [InlineData("amqps://c/v?instance=other", "amqps://c/v?instance=other")]
    [InlineData("grpcs://a:1", "grpcs://a:1")]
    public void A_front_end_at_a_broker_is_reached_by_whichever_of_its_nodes_is_there(string address, string reached) => Assert.Equal(
        reached,
        string.Join(", ", At(With("web", """{ "listen": ["amqps://a/v?instance=w", "amqps://b/v?instance=w", "natss://d?instance=w", "grpcs://a:1", "grpcs://a:2"] }"""))
            .NodesOf("web", Endpoint.Parse(address))));

    private static IEnumerable<string> Called(string messages, params string[] here) =>
        At(With("messages", messages), here).AddressesOf("web", "messages").Select(e => e.ToString());

    private static Reach At(Topology topology, params string[] here) => new(new EdgeWires(topology, Composition.Transports(), new ContractTable(ServiceCatalog.Services.Values)), [.. here]);

    private static Topology With(string service, string entry)
    {
        var other = TopologyFile.Parse($$"""{ "services": { "{{service}}": {{entry}} } }""", "test.json")[service];
        return new Topology("test.json", TopologyFile.Load("monolith").Services.SetItem(service, other));
    }
}
