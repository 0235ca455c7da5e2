using System.Text.Json;
using System.Text.Json.Nodes;
using Twite.Faults.Network;
using Twite.Hosting;

namespace Twite.Processes;

/// <summary>A topology as it is shipped, but on free ports of this machine, so that any number of networks run beside each other.</summary>
/// <param name="Text">The file.</param>
/// <param name="Services">What it consists of, front ends last.</param>
/// <param name="Urls">Where the front ends are.</param>
/// <param name="Broker">The broker that it needs, as <c>twite up</c> calls it; null when it needs none.</param>
internal sealed record UpTopology(string Text, IReadOnlyList<string> Services, IReadOnlyList<string> Urls, string? Broker)
{
    private const string Web = "web";

    /// <summary>Finds the ports.</summary>
    /// <param name="name">Whose, such as <c>http</c> or <c>queue</c>.</param>
    /// <param name="frontEnds">How many front ends there are; several are called web-1, web-2 and so on.</param>
    /// <param name="isOverNats">Whether what goes through RabbitMQ there goes through NATS.</param>
    public static UpTopology Of(string name, int frontEnds, bool isOverNats = false)
    {
        var shipped = File.ReadAllText(TwiteProgram.TopologyPath(name));
        var file = JsonNode.Parse(isOverNats ? shipped.Replace("amqps://127.0.0.1:5671/twite", "natss://127.0.0.1:4222", StringComparison.Ordinal) : shipped, documentOptions: new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip })!;
        var services = file["services"]!.AsObject();
        var behind = services.Select(s => s.Key).Where(s => s != Web).ToList();
        var ports = new Queue<int>(UnusedPorts.Find(services.Sum(s => AddressesOf(s.Value!).Count) + (AddressesOf(services[Web]!).Count + 1) * frontEnds + 1));
        var brokersPort = ports.Dequeue();
        int PortFor(Uri address) => BrokerAt(address) is null ? ports.Dequeue() : brokersPort;
        foreach (var service in behind)
        {
            services[service] = new JsonObject { ["listen"] = Moved(services[service]!, PortFor) };
        }
        var broker = services.SelectMany(s => AddressesOf(s.Value!)).Select(BrokerAt).FirstOrDefault(b => b is not null);
        // At a broker's address each front end has a name of its own.
        JsonArray FrontEnd(int number) => Moved(services[Web]!, PortFor, address => frontEnds == 1 || BrokerAt(address) is null ? "" : $"?instance={Web}-{number}");
        var urls = Enumerable.Range(0, frontEnds).Select(_ => $"http://127.0.0.1:{ports.Dequeue()}").ToList();
        services[Web] = new JsonObject
        {
            ["replicas"] = new JsonArray([.. urls.Select((url, place) => new JsonObject { ["listen"] = FrontEnd(place + 1), ["urls"] = new JsonArray(url) })]),
        };
        return new UpTopology(file.ToJsonString(), [.. behind, .. frontEnds == 1 ? [Web] : Enumerable.Range(1, frontEnds).Select(n => $"{Web}-{n}")], urls, broker);
    }

    /// <summary>The same, but for callers something stands before the addresses of a wire.</summary>
    /// <param name="scheme">The wire's.</param>
    /// <param name="before">The port of what stands before a port.</param>
    public UpTopology Behind(string scheme, Func<int, int> before)
    {
        var file = JsonNode.Parse(Text)!;
        foreach (var place in file["services"]!.AsObject().SelectMany(s => s.Value!["replicas"]?.AsArray().ToList() ?? [s.Value]).ToList())
        {
            place!["call"] = Moved(place, address => address.Scheme == scheme ? before(address.Port) : address.Port);
        }
        return this with { Text = file.ToJsonString() };
    }

    private static string? BrokerAt(Uri address) => address.Scheme switch
    {
        "amqps" => "rabbitmq",
        "natss" => "nats",
        _ => null,
    };

    private static JsonArray Moved(JsonNode service, Func<Uri, int> portFor, Func<Uri, string>? queryFor = null) =>
        new([.. AddressesOf(service).Select(a => JsonValue.Create(new UriBuilder(a) { Port = portFor(a) }.Uri.ToString().TrimEnd('/') + queryFor?.Invoke(a)))]);

    private static List<Uri> AddressesOf(JsonNode service) => [.. service["listen"]!.AsArray().Select(a => new Uri(a!.GetValue<string>()))];
}
