using System.Runtime.CompilerServices;
using Anywire;
using Anywire.InProcess;
using Twite.Topologies;

namespace Twite.ProgramTests;

/// <summary>Topologies are understood or refused with a sentence that says what is wrong, where, and what to do.</summary>
public sealed class TopologyTests
{
    private static readonly ContractTable Contracts = new(ServiceCatalog.Services.Values);

    [Theory, InlineData("monolith"), InlineData("grpc"), InlineData("http"), InlineData("tcp"), InlineData("sockets"), InlineData("queue"), InlineData("nats"), InlineData("mixed")]
    public void Those_that_come_with_the_program_can_run(string name) =>
        Assert.Empty(TopologyCheck.Problems(TopologyFile.Load(name), Composition.Transports(), Contracts, insecure: false));

    [Fact]
    public void The_one_that_the_guide_shows_can_run_each_process_by_itself()
    {
        var guide = File.ReadAllText(Path.Combine(Path.GetDirectoryName(ThisFile())!, "..", "..", "docs", "guides", "topologies.md"));
        var topology = Parse(guide.Split("```jsonc")[1].Split("```")[0]);
        Assert.Empty(TopologyCheck.Problems(topology, Composition.Transports(), Contracts, insecure: false));
        Assert.All(topology.Instances, i => Assert.Empty(new Reach(new EdgeWires(topology, Composition.Transports(), Contracts), [i.Name]).Problems()));
        Assert.Contains(topology.Instances, i => i.Name == "follows-2");
    }

    [Fact]
    public void Comments_and_trailing_commas_are_read() =>
        Assert.Equal("inproc:a", Parse("""{ /* who */ "services": { "a": { "listen": ["inproc:a",], }, }, }""")["a"].Call.Single().ToString());

    [Theory]
    [InlineData("{", "line 1")]
    [InlineData("{ \"services\":\n { \"a\": { \"listens\": [] } } }", "line 2")]
    [InlineData("{}", "no services")]
    [InlineData("""{ "services": { "a": { "listen": [] } } }""", "a listens nowhere")]
    [InlineData("""{ "services": { "a": null } }""", "a listens nowhere")]
    [InlineData("""{ "services": { "a": { "replicas": [] } } }""", "a has no replica")]
    [InlineData("""{ "services": { "a": { "replicas": [{ "listen": ["inproc:a"] }, {}] } } }""", "a-2 listens nowhere")]
    [InlineData("""{ "services": { "a": { "replicas": [null] } } }""", "a listens nowhere")]
    [InlineData("""{ "services": { "a": { "listen": ["inproc:a"], "replicas": [{ "listen": ["inproc:b"] }] } } }""", "replicas and addresses of its own")]
    [InlineData("""{ "services": { "a": { "replicas": [{ "listen": ["inproc:a"], "replicas": [] }] } } }""", "replicas")]
    [InlineData("""{ "services": { "a": { "listen": ["grpcs://[::]:1"], "call": [] } } }""", "called nowhere")]
    [InlineData("""{ "services": { "a": { "listen": ["grpcs://[::]:1"], "call": ["there"] } } }""", "a is called at \"there\", which is not an address")]
    [InlineData("""{ "services": { "a": { "call": ["grpcs://x:1"], "replicas": [{ "listen": ["grpcs://[::]:1"], "call": ["grpcs://y:1"] }] } } }""", "Write it in one place")]
    [InlineData("""{ "services": { "a": { "listen": ["somewhere"] } } }""", "a listens at \"somewhere\", which is not an address")]
    public void What_is_not_well_formed_is_refused(string json, string because)
    {
        var error = Assert.Throws<TopologyException>(() => Parse(json));
        Assert.Contains(because, error.Message);
        Assert.Contains("test.json", error.Message);
    }

    [Fact]
    public void A_missing_service_is_refused() =>
        Refuses(Placed(("messages", null)), "does not place messages");

    [Fact]
    public void An_unknown_service_is_refused() =>
        Refuses(Placed(("gossip", "inproc:gossip")), "places \"gossip\", and Twite has no such service");

    [Fact]
    public void An_unknown_scheme_is_refused() =>
        Refuses(Placed(("messages", "carrierpigeon://loft:1")), "no wire has the scheme \"carrierpigeon:\"");

    [Fact]
    public void Two_services_at_one_address_are_refused() =>
        Refuses(Placed(("messages", "inproc:accounts")), "accounts and messages both listen at inproc:accounts");

    [Theory]
    [InlineData("""{ "listen": ["inproc:messages", "inproc:messages"] }""", "twice")]
    [InlineData("""{ "listen": ["grpcs://[::]:5152"] }""", "\"call\": [\"grpcs://host:5152\"]")]
    [InlineData("""{ "listen": ["inproc:messages"], "urls": ["http://localhost:1"] }""", "only web has them")]
    [InlineData("""{ "replicas": [{ "listen": ["inproc:m1"] }, { "listen": ["grpcs://127.0.0.1:1"] }] }""", "same wires")]
    [InlineData("""{ "replicas": [{ "listen": ["inproc:m1"] }, { "listen": ["inproc:m1"] }] }""", "messages-1 and messages-2 both listen at inproc:m1")]
    [InlineData("""{ "listen": ["grpc://127.0.0.1:5152"], "call": ["grpcs://proxy:5152"] }""", "--insecure")]
    [InlineData("""{ "listen": ["grpcs://[::]:5152"], "call": ["inproc:accounts"] }""", "accounts and messages both are called at inproc:accounts")]
    public void Addresses_that_do_not_go_together_are_refused(string messages, string because) => Refuses(WithMessages(messages), because);

    [Theory]
    [InlineData("""{ "listen": ["grpcs://[::]:5152"], "call": ["grpcs://messages.example.org:5152"] }""")]
    [InlineData("""{ "replicas": [{ "listen": ["grpcs://10.0.0.1:5152"] }, { "listen": ["grpcs://10.0.0.2:5152"] }] }""")]
    [InlineData("""{ "call": ["grpcs://proxy:5152"], "replicas": [{ "listen": ["grpcs://10.0.0.1:5152"] }, { "listen": ["grpcs://10.0.0.2:5152"] }] }""")]
    [InlineData("""{ "listen": ["inproc:messages", "grpcs://127.0.0.1:5152"] }""")]
    public void Addresses_that_go_together_are_taken(string messages) =>
        Assert.Empty(TopologyCheck.Problems(WithMessages(messages), Composition.Transports(), Contracts, insecure: false));

    [Theory]
    [InlineData("""{ "replicas": [{ "listen": ["inproc:w1"], "urls": ["localhost"] }] }""", "not where a browser could go")]
    [InlineData("""{ "call": ["grpcs://proxy:1"], "replicas": [{ "listen": ["grpcs://10.0.0.1:1"] }, { "listen": ["grpcs://10.0.0.2:1"] }] }""", "live updates of its own")]
    public void Front_ends_that_could_not_work_are_refused(string web, string because) => Refuses(With(ServiceCatalog.Web, web), because);

    [Fact]
    public void A_plain_scheme_is_refused_without_insecure() =>
        Refuses(Placed(("messages", "grpc://127.0.0.1:5152")), "--insecure");

    [Fact]
    public void A_plain_scheme_is_allowed_on_loopback_with_insecure() =>
        Assert.Empty(TopologyCheck.Problems(Placed(("messages", "grpc://127.0.0.1:5152")), Composition.Transports(), Contracts, insecure: true));

    [Theory, InlineData("grpc://203.0.113.7:5152"), InlineData("grpc://example.org:5152"), InlineData("grpc://172.32.0.1:5152")]
    public void A_plain_scheme_that_strangers_could_reach_is_refused_even_with_insecure(string address) =>
        Refuses(Placed(("messages", address)), "strangers", insecure: true);

    [Fact]
    public void A_port_that_nobody_could_know_is_refused() =>
        Refuses(Placed(("messages", "grpcs://127.0.0.1:0")), "port");

    [Fact]
    public void A_wire_that_cannot_carry_a_method_is_refused()
    {
        var narrow = new Transports(new InProcessTransport(), new NarrowTransport());
        var problem = TopologyCheck.Problems(Placed(("messages", "narrow:messages")), narrow, Contracts, insecure: false).First();
        Assert.Contains("/twite.v1.MessagesService/", problem);
        Assert.Contains("narrow:messages", problem);
    }

    [Fact]
    public void Only_methods_that_a_caller_may_call_are_checked()
    {
        var callable = new EdgeWires(TopologyFile.Load("monolith"), Composition.Transports(), Contracts).Methods("admin", "messages").Select(c => c.FullName).ToList();
        Assert.Contains("/twite.v1.MessagesService/ImportMessages", callable);
        Assert.DoesNotContain("/twite.v1.MessagesService/Post", callable);
    }

    [Fact]
    public void Every_edge_is_between_known_services() =>
        Assert.All(ServiceCatalog.Edges, e => Assert.Contains(e.Callee, ServiceCatalog.Services.Keys));

    private static void Refuses(Topology topology, string because, bool insecure = false)
    {
        var error = Assert.Throws<TopologyException>(() => TopologyCheck.Require(topology, Composition.Transports(), Contracts, insecure));
        Assert.Contains(because, error.Message);
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;

    private static Topology WithMessages(string entry) => With("messages", entry);

    // The monolith with another entry for one service.
    private static Topology With(string service, string entry)
    {
        var other = Parse($$"""{ "services": { "{{service}}": {{entry}} } }""")[service];
        return new Topology("test.json", TopologyFile.Load("monolith").Services.SetItem(service, other));
    }

    private static Topology Parse(string json) => TopologyFile.Parse(json, "test.json");

    // The monolith with one service placed elsewhere, or nowhere.
    private static Topology Placed((string Service, string? Address) change)
    {
        var services = TopologyFile.Load("monolith").Services.Remove(change.Service);
        return new Topology("test.json", change.Address is null
            ? services
            : services.Add(change.Service, new PlacedService(change.Service, [At(change.Service, Endpoint.Parse(change.Address))])));
    }

    private static PlacedInstance At(string service, Endpoint endpoint) => new(service, service, [endpoint], [endpoint], []);

    /// <summary>A wire that carries messages of at most 100 bytes.</summary>
    private sealed class NarrowTransport : ITransport
    {
        public TransportTraits Traits { get; } = new() { Name = "narrow", Scheme = "narrow", MaxMessageBytes = 100 };

        public Task<ITransportServer> ListenAsync(TransportServerOptions options, CancellationToken cancellationToken) =>
            throw new NotSupportedException("It is only asked what it can do.");

        public ITransportClient Connect(TransportClientOptions options) => throw new NotSupportedException("It is only asked what it can do.");
    }
}
