using System.Net;
using System.Net.Http.Headers;
using Anywire;
using Anywire.InProcess;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Twite.Contracts;
using Twite.Hosting;
using Twite.Topologies;

namespace Twite.ProgramTests;

/// <summary>A caller uses the first wire that can carry all that it may call: events by datagrams and lists by another wire, of one service.</summary>
public sealed class EdgeWiresTests : IDisposable
{
    private const string Both = """{ "listen": ["datagram://n:1", "grpcs://n:2"] }""";

    private static readonly ContractTable Contracts = new(ServiceCatalog.Services.Values);

    private readonly CommandLine _twite = new();

    [Theory]
    [InlineData("messages", "datagram://n:1")]
    [InlineData("follows", "datagram://n:1")]
    [InlineData("accounts", "datagram://n:1")]
    [InlineData("web", "grpcs://n:2")]
    public void Events_take_the_first_wire_and_lists_the_next(string caller, string address)
    {
        var reach = At(With("notifications", Both), caller);
        Assert.Equal([address], reach.AddressesOf(caller, "notifications").Select(e => e.ToString()));
        Assert.Equal(new Uri(address).Scheme, reach.Edges.TraitsOf(caller, "notifications").Scheme);
        Assert.Empty(TopologyCheck.Problems(reach.Topology, Wires(), Contracts, insecure: false));
    }

    [Fact]
    public void All_replicas_are_called_by_the_wire_that_can() => Assert.Equal(
        ["grpcs://a:2", "grpcs://b:2"],
        At(With("notifications", """{ "replicas": [{ "listen": ["datagram://a:1", "grpcs://a:2"] }, { "listen": ["datagram://b:1", "grpcs://b:2"] }] }"""), "web")
            .AddressesOf("web", "notifications").Select(e => e.ToString()));

    [Fact]
    public void Live_updates_go_to_the_first_address_that_carries_them() => Assert.Equal(
        "datagram://w:1", At(With("web", """{ "listen": ["datagram://w:1", "grpcs://w:2"] }"""), "web") is var reach
            ? reach.AddressFor("notifications", reach.Topology["web"].Instances[0])!.ToString() : "");

    [Fact]
    public void What_no_wire_carries_is_refused_and_the_first_says_why()
    {
        var problems = TopologyCheck.Problems(With("messages", """{ "listen": ["datagram://m:1"] }"""), Wires(), Contracts, insecure: false).ToList();
        Assert.Contains(problems, p => p.StartsWith("/twite.v1.MessagesService/Post allows messages of 16,384 bytes and datagrams (datagram://m:1) carries at most 1,130.", StringComparison.Ordinal));
        Assert.Contains(problems, p => p.StartsWith("/twite.v1.MessagesService/ListPublic", StringComparison.Ordinal));
    }

    [Fact]
    public void A_plain_address_that_nobody_takes_is_refused_all_the_same() => Assert.Contains(
        "--insecure", TopologyCheck.Problems(With("notifications", """{ "listen": ["grpcs://n:1", "grpc://127.0.0.1:2"] }"""), Wires(), Contracts, insecure: false).Single());

    [Fact]
    public void What_is_carried_in_one_process_only_is_refused_where_there_are_two()
    {
        var topology = With("messages", """{ "listen": ["inproc:messages", "datagram://m:1"] }""");
        Assert.Empty(TopologyCheck.Problems(topology, Wires(), Contracts, insecure: false));
        Assert.Empty(At(topology, [.. ServiceCatalog.Services.Keys]).Problems());
        Assert.All(
            new[] { At(topology, "web"), At(topology, "messages") },
            reach => Assert.Contains(reach.Problems(), p => p.StartsWith("web and messages do not run in one process, and between processes /twite.v1.MessagesService/Post allows", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("""{ "listen": ["datagram://127.0.0.1:1", "grpcs://127.0.0.1:1"] }""")]
    [InlineData("""{ "listen": ["datagram://[::]:1", "grpcs://[::]:1"], "call": ["datagram://n:1", "grpcs://n:2"] }""")]
    public void Two_wires_at_one_port_are_refused(string entry) => Assert.Contains(
        "Use different numbers", Assert.Single(TopologyCheck.Problems(With("notifications", entry), Wires(), Contracts, insecure: false)));

    [Fact]
    public void The_drawing_says_which_wire_each_takes()
    {
        var drawn = MermaidChart.Of(With("notifications", Both), Wires(), Contracts);
        Assert.Contains("  messages ==>|datagrams| notifications\n", drawn);
        Assert.Contains("  web -->|gRPC| notifications\n", drawn);
    }

    [Fact]
    public void Over_sockets_events_and_updates_go_by_UDP_and_all_else_over_TCP()
    {
        var topology = TopologyFile.Load("sockets");
        var edges = new EdgeWires(topology, Composition.Transports(), Contracts);
        Assert.All(topology.Instances, i => Assert.Empty(new Reach(edges, [i.Name]).Problems()));
        Assert.Equal(
            ["accounts to notifications", "follows to notifications", "messages to notifications", "notifications to web"],
            ServiceCatalog.Edges.Where(e => edges.TraitsOf(e.Caller, e.Callee).Scheme == "udps").Select(e => $"{e.Caller} to {e.Callee}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_largest_event_and_the_largest_update_fit_a_datagram()
    {
        // Ids are 63 bits, names 30 bytes, texts 1,000, times nine digits of nanoseconds.
        var when = new Google.Protobuf.WellKnownTypes.Timestamp { Seconds = 17_179_869_184, Nanos = 999_999_999 };
        var message = new Message { Id = long.MaxValue, AuthorId = long.MaxValue, AuthorName = new string('a', 30), Text = new string('a', 1000), CreatedAt = when };
        var posted = new MessagePosted
        {
            Header = new EventHeader { Id = $"messages-{long.MaxValue}", OccurredAt = when, Confirm = true }, Message = message, PreviousChangeId = long.MaxValue,
        };
        var update = new LiveUpdate
        {
            Epoch = long.MaxValue, Number = long.MaxValue, Sender = long.MaxValue, Posted = new LivePost { Message = message, PreviousChangeId = long.MaxValue },
        };
        Assert.InRange(posted.CalculateSize(), 1_000, LimitOf(NotificationsService.Descriptor, "OnMessagePosted"));
        Assert.InRange(update.CalculateSize(), 1_000, LimitOf(LiveUpdatesService.Descriptor, "Push"));
    }

    [Fact]
    public async Task In_a_running_network_events_and_updates_are_datagrams_and_lists_are_not()
    {
        await _twite.RunWithInputAsync("correct horse battery\n", "admin", "create-account", "alice", "--password-stdin", "--data", _twite.Data);
        var token = (await _twite.RunAsync("admin", "token", "alice", "--data", _twite.Data)).Output.Trim();
        var datagrams = new DatagramTransport();
        var topology = With("notifications", """{ "listen": ["datagram:notifications", "inproc:notifications"] }""", "web", """{ "listen": ["datagram:web"] }""");
        await using var host = await TwiteHost.StartAsync(
            new TwiteHostOptions
            {
                Topology = topology,
                DataDirectory = _twite.Data,
                Urls = ["http://127.0.0.1:0"],
                Configuration = new ConfigurationBuilder().Build(),
                Transports = new Transports(new InProcessTransport(), datagrams),
                Loggers = NullLoggerFactory.Instance,
            },
            CancellationToken.None);
        using var http = new HttpClient { BaseAddress = new Uri(host.Urls[0]), DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
        using var posted = await http.PostAsync("/api/v1/statuses", new FormUrlEncodedContent([new("status", "small enough")]));
        Assert.Equal(HttpStatusCode.OK, posted.StatusCode);
        Assert.Equal("[]", await http.GetStringAsync("/api/v1/notifications"));
        string[] expected = ["/twite.v1.LiveUpdatesService/Push", "/twite.v1.NotificationsService/OnMessagePosted"];
        await RunningProgram.UntilAsync(() => Task.FromResult(expected.All(datagrams.Carried.ContainsKey)), "the event and the update were carried");
        Assert.Equal(expected, datagrams.Carried.Keys.Where(m => m.StartsWith("/twite.", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        await host.StopAsync(CancellationToken.None);
    }

    public void Dispose() => _twite.Dispose();

    private static Transports Wires() => new(new InProcessTransport(), new Anywire.Grpc.GrpcTransport(), new DatagramTransport(leavesProcess: true));

    private static Reach At(Topology topology, params string[] here) => new(new EdgeWires(topology, Wires(), Contracts), [.. here]);

    private static int LimitOf(Google.Protobuf.Reflection.ServiceDescriptor service, string method) => MethodContract.Of(service.FindMethodByName(method)).MaxRequestBytes;

    // The monolith with other entries for some services.
    private static Topology With(params string[] entries)
    {
        var services = TopologyFile.Load("monolith").Services;
        foreach (var pair in entries.Chunk(2))
        {
            services = services.SetItem(pair[0], TopologyFile.Parse($$"""{ "services": { "{{pair[0]}}": {{pair[1]}} } }""", "test.json")[pair[0]]);
        }
        return new Topology("test.json", services);
    }
}
