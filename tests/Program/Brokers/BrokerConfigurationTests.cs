using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Anywire;
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
    [InlineData("amqps", ".erlang.cookie", "definitions.json", "enabled_plugins", "inter_node_tls.config", "rabbitmq-env.conf", "rabbitmq.conf")]
    [InlineData("natss", "nats.conf")]
    public async Task Each_node_of_a_cluster_has_a_folder_with_all_that_it_needs(string scheme, params string[] files)
    {
        var made = await _twite.RunAsync("keys", "broker", "--topology", Nodes(scheme, "10.0.0.1", "10.0.0.2", "broker-3"), "--dir", Dir);
        Assert.True(made.ExitCode == 0, made.Errors);
        foreach (var node in new[] { "10.0.0.1", "10.0.0.2", "broker-3" })
        {
            var folder = Path.Combine(Dir, "broker", node);
            Assert.Equal(files.Concat(["broker.key", "broker.pem", "ca.pem"]).Order(StringComparer.Ordinal), Directory.EnumerateFiles(folder).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal));
            Assert.All(
                new[] { ".erlang.cookie", "broker.key" }.Select(f => Path.Combine(folder, f)).Where(File.Exists),
                f => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, OperatingSystem.IsWindows() ? UnixFileMode.UserRead | UnixFileMode.UserWrite : File.GetUnixFileMode(f)));
            Assert.Contains($"{folder} has what", made.Output);
            using var certificate = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(folder, "broker.pem"));
            Assert.True(certificate.MatchesHostname("broker") && certificate.MatchesHostname(node), $"It does not prove {node}.");
            Assert.Equal("broker", ServiceCredentials.NameOf(certificate));
        }
    }

    [Fact]
    public async Task A_path_that_a_shell_would_cut_is_refused_where_one_reads_it()
    {
        var result = await _twite.RunAsync("keys", "broker", "--topology", Nodes("amqps", "10.0.0.1", "10.0.0.2"), "--dir", Dir, "--at", "/etc/my broker");
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("cannot stand in rabbitmq-env.conf", result.Errors);
    }

    [Fact]
    public async Task Nodes_know_each_other_by_what_does_not_change_when_the_command_is_run_again()
    {
        var topology = Nodes("amqps", "10.0.0.1", "10.0.0.2", "broker-3");
        await _twite.RunAsync("keys", "broker", "--topology", topology, "--dir", Dir);
        var before = Text();
        Assert.Contains("NODENAME=rabbit-10-0-0-2@10.0.0.2\n", before);
        Assert.Contains("cluster_formation.classic_config.nodes.3 = rabbit-broker-3@broker-3\n", before);
        await _twite.RunAsync("keys", "--dir", Dir);
        await _twite.RunAsync("keys", "broker", "--topology", topology, "--dir", Dir);
        Assert.Equal(before, Text());

        string Text() => string.Concat(Directory.EnumerateFiles(Path.Combine(Dir, "broker", "10.0.0.2")).Order(StringComparer.Ordinal).Select(File.ReadAllText));
    }

    [Theory]
    [InlineData("amqps", "on different ports", "10.0.0.1:1", "10.0.0.2:2")]
    [InlineData("natss", "at port 67000", "10.0.0.1:65000", "10.0.0.2:65000")]
    [InlineData("amqps", "Call it by a name", "[::1]", "[::2]")]
    [InlineData("natss", "by another name", "accounts", "10.0.0.2")]
    public async Task Nodes_that_cannot_be_one_cluster_are_refused(string scheme, string because, params string[] nodes)
    {
        var result = await _twite.RunAsync("keys", "broker", "--topology", Nodes(scheme, nodes), "--dir", Dir);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(because, result.Errors);
        Assert.False(Directory.Exists(Dir));
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
        var setup = BrokerSetup.Of(BrokerSite.Of(Endpoint.Parse(address))!, []);
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
        // What it has and cannot handle now it puts back.
        Assert.Contains("\"n.web.web-1.events\"\n", text);
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

    private string Nodes(string scheme, params string[] nodes)
    {
        var listen = string.Join(", ", nodes.Select(n => $"\"{scheme}://{n}\""));
        return _twite.Write("nodes.json", $$"""{ "services": { {{string.Join(", ", ServiceCatalog.Services.Keys.Select(s => $$"""  "{{s}}": { "listen": [{{listen}}] }"""))}} } }""");
    }

    private static BrokerSetup Setup(string topology)
    {
        var loaded = TopologyFile.Load(topology);
        return BrokerSetup.Of(BrokerSite.In(loaded).Single(), BrokerRights.Of(loaded, []));
    }
}
