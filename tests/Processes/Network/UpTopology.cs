using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;

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
        var shipped = File.ReadAllText(PathOf(name));
        var file = JsonNode.Parse(isOverNats ? shipped.Replace("amqps://127.0.0.1:5671/twite", "natss://127.0.0.1:4222", StringComparison.Ordinal) : shipped, documentOptions: new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip })!;
        var services = file["services"]!.AsObject();
        var behind = services.Select(s => s.Key).Where(s => s != Web).ToList();
        var ports = FreePorts.Find(behind.Count + 2 * frontEnds + 1);
        var brokersPort = ports.Dequeue();
        foreach (var service in behind)
        {
            services[service] = new JsonObject { ["listen"] = OnPort(services[service]!, BrokerOf(services[service]!) is null ? ports.Dequeue() : brokersPort) };
        }
        var broker = services.Select(s => BrokerOf(s.Value!)).FirstOrDefault(b => b is not null);
        JsonArray FrontEnd(int number) => BrokerOf(services[Web]!) is null
            ? OnPort(services[Web]!, ports.Dequeue())
            : OnPort(services[Web]!, brokersPort, frontEnds == 1 ? "" : $"?instance={Web}-{number}");
        var urls = Enumerable.Range(0, frontEnds).Select(_ => $"http://127.0.0.1:{ports.Dequeue()}").ToList();
        services[Web] = new JsonObject
        {
            ["replicas"] = new JsonArray([.. urls.Select((url, place) => new JsonObject { ["listen"] = FrontEnd(place + 1), ["urls"] = new JsonArray(url) })]),
        };
        return new UpTopology(file.ToJsonString(), [.. behind, .. frontEnds == 1 ? [Web] : Enumerable.Range(1, frontEnds).Select(n => $"{Web}-{n}")], urls, broker);
    }

    private static string? BrokerOf(JsonNode service) => AddressOf(service).Scheme switch
    {
        "amqps" => "rabbitmq",
        "natss" => "nats",
        _ => null,
    };

    private static JsonArray OnPort(JsonNode service, int port, string query = "") =>
        new(new UriBuilder(AddressOf(service)) { Port = port }.Uri.ToString().TrimEnd('/') + query);

    private static Uri AddressOf(JsonNode service) => new(service["listen"]!.AsArray()[0]!.GetValue<string>());

    private static string PathOf(string name, [CallerFilePath] string thisFile = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "..", "..", "..", "topologies", name + ".json"));
}
