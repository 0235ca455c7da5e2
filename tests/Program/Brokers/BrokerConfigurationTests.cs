using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Twite.Brokers;
using Twite.Commands;
using Twite.Topologies;

namespace Twite.ProgramTests.Brokers;

/// <summary><c>twite keys broker</c>: what is written for a broker of one's own.</summary>
public sealed class BrokerConfigurationTests : IDisposable
{
    private static readonly BrokerPlace Place = new("/etc/certificates", "/etc/broker", "/var/broker");

    private readonly CommandLine _twite = new();

    private string Dir => _twite.PathOf("keys");

    [Theory]
    [InlineData("queue", "definitions.json", "enabled_plugins", "rabbitmq.conf")]
    [InlineData("nats", "nats.conf")]
    [InlineData("mixed", "definitions.json", "enabled_plugins", "rabbitmq.conf")]
    public async Task A_folder_has_all_that_a_broker_needs(string topology, params string[] files)
    {
        var made = await _twite.RunAsync("keys", "broker", "--topology", topology, "--dir", Dir);
        Assert.True(made.ExitCode == 0, made.Errors);
        Assert.Equal(files.Concat(["broker.key", "broker.pem", "ca.pem"]).Order(StringComparer.Ordinal), Directory.EnumerateFiles(Path.Combine(Dir, "broker")).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal));
        Assert.True(File.Exists(Path.Combine(Dir, "admin", "admin.pem")));
        Assert.Contains("Start it with: ", made.Output);
        Assert.Contains(Path.Combine(Dir, "broker"), await File.ReadAllTextAsync(Path.Combine(Dir, "broker", files[^1] == "nats.conf" ? "nats.conf" : "rabbitmq.conf")));
    }

    [Fact]
    public async Task It_names_the_folder_of_the_brokers_machine()
    {
        await _twite.RunAsync("keys", "broker", "--topology", "queue", "--dir", Dir, "--at", "/etc/rabbitmq/twite");
        var text = await File.ReadAllTextAsync(Path.Combine(Dir, "broker", "rabbitmq.conf"));
        Assert.Contains("ssl_options.keyfile = /etc/rabbitmq/twite/broker.key\n", text);
        Assert.Contains("load_definitions = /etc/rabbitmq/twite/definitions.json\n", text);
        Assert.DoesNotContain(Dir, text);
    }

    [Theory]
    [InlineData("grpcs://127.0.0.1:1", "has no broker")]
    [InlineData("nats://127.0.0.1", "Use natss:")]
    public async Task Where_there_is_nothing_to_write_it_says_so(string address, string because)
    {
        var file = _twite.Write("t.json", $$"""{ "services": { {{string.Join(", ", ServiceCatalog.Services.Keys.Select((s, i) => $$"""  "{{s}}": { "listen": ["{{(address[0] == 'g' ? address + i : address)}}"] }"""))}} } }""");
        var result = await _twite.RunAsync("keys", "broker", "--topology", file, "--dir", Dir);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(because, result.Errors);
        Assert.False(Directory.Exists(Dir));
    }

    [Theory, InlineData("/has/a#/hash"), InlineData("/has/a\"/quote")]
    public void A_path_that_would_end_a_setting_is_refused(string path) =>
        Assert.Throws<UsageException>(() => Setup("queue").Write(_twite.PathOf("x"), new BrokerPlace(path, "/a", "/a")));

    [Theory]
    [InlineData("amqps://127.0.0.1", "listeners.ssl.1 = 127.0.0.1:5671")]
    [InlineData("amqps://localhost:9", "listeners.ssl.1 = 127.0.0.1:9")]
    [InlineData("amqps://[::1]:9", "listeners.ssl.1 = ::1:9")]
    [InlineData("amqps://broker.example.org:9", "listeners.ssl.default = 9")]
    [InlineData("natss://[::1]", "listen: \"[::1]:4222\"")]
    [InlineData("natss://broker.example.org", "listen: \"0.0.0.0:4222\"")]
    public void It_listens_where_it_is_called(string address, string setting)
    {
        var setup = BrokerSetup.Of(BrokerSite.Of(Anywire.Endpoint.Parse(address))!, []);
        var text = setup.Kind == BrokerKind.Nats ? NatsConfiguration.Files(setup, Place)[0].Text : RabbitMqConfiguration.Files(setup, Place)[0].Text;
        Assert.Contains(setting + "\n", text);
    }

    [Theory]
    [InlineData("read", "anywire.web.control.1", true)]
    [InlineData("read", "amq.direct", true)]
    [InlineData("read", "amq.default", false)]
    [InlineData("read", "anywire.accounts.requests", false)]
    [InlineData("read", "xanywire.web.requests", false)]
    [InlineData("read", "anywireXweb.requests", false)]
    [InlineData("write", "amq.default", true)]
    [InlineData("write", "amq.topic", false)]
    [InlineData("configure", "anywire.web.requests", true)]
    [InlineData("configure", "anywire.webs.requests", false)]
    public void RabbitMQ_gives_a_service_its_own_names(string right, string name, bool isGiven)
    {
        var definitions = JsonNode.Parse(RabbitMqConfiguration.Files(Setup("queue"), Place)[1].Text)!;
        var web = definitions["permissions"]!.AsArray().Single(p => p!["user"]!.GetValue<string>() == "web")!;
        Assert.Equal("twite", web["vhost"]!.GetValue<string>());
        Assert.Equal(isGiven, Regex.IsMatch(name, web[right]!.GetValue<string>(), RegexOptions.None, TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public void NATS_gives_a_front_end_with_a_name_of_its_own_what_it_keeps()
    {
        var topology = TopologyFile.Load("nats");
        var named = TopologyFile.Parse("""{ "services": { "web": { "listen": ["natss://127.0.0.1?network=n&instance=web-1"] } } }""", "t.json")["web"];
        topology = topology with { Services = topology.Services.SetItem("web", named) };
        var text = NatsConfiguration.Files(BrokerSetup.Of(BrokerSite.In(topology).Single(s => s.Network == "n"), BrokerRights.Of(topology, [])), Place)[0].Text;
        Assert.Contains("\"n.web.web-1.dead\"\n", text);
        Assert.Contains("\"$JS.API.STREAM.*.n_web_web-1_events\"\n", text);
        Assert.DoesNotContain("anywire", text);
    }

    [Fact]
    public void Whoever_has_a_certificate_and_is_no_service_may_call_all_and_is_called_by_nobody()
    {
        var rights = BrokerRights.Of(TopologyFile.Load("nats"), ["bot", "web", "admin"]);
        var bot = rights.Single(r => r.Name == "bot");
        Assert.Equal(ServiceCatalog.Services.Keys, bot.Callees);
        Assert.Empty(bot.Callers);
        Assert.All(rights.Where(r => r != bot), r => Assert.Contains("bot", r.Callers));
        Assert.DoesNotContain(rights, r => r.Name == BrokerRights.Operator);
        Assert.Single(rights, r => r.Name == "web");
    }

    public void Dispose() => _twite.Dispose();

    private static BrokerSetup Setup(string topology)
    {
        var loaded = TopologyFile.Load(topology);
        return BrokerSetup.Of(BrokerSite.In(loaded).Single(), BrokerRights.Of(loaded, []));
    }
}
