using System.Net;
using System.Net.Http.Headers;
using Twite.Faults;
using Twite.Faults.Load;
using Twite.Processes.Telemetry;

namespace Twite.Processes;

/// <summary>What the processes of a network tell together.</summary>
public sealed class TelemetryTests(Authors authors)
{
    [Theory]
    [InlineData("grpc", "gRPC")]
    [InlineData("http", "HTTP")]
    public async Task One_post_is_one_trace_from_the_browser_to_the_followers_screen(string topology, string wire)
    {
        LongForm.RequireIf(topology != "grpc");
        const string Trace = "0af7651916cd43dd8448eb211c80319c";
        const string Browser = "b7ad6b7169203331";
        await using var collector = new Collector();
        await using var network = new UpNetwork(topology, frontEnds: 2);
        network.Environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Url;
        network.Environment["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf";
        network.Environment["OTEL_BSP_SCHEDULE_DELAY"] = "100";
        authors.CopyTo(network.Data);
        network.Start("--metrics", $"http://127.0.0.1:{PortsInARow.Find(network.Services.Count)}");
        await network.WaitUntilUpAsync();
        await using var screen = new Screen(network.Urls[1]);
        await screen.Watching.WaitAsync(TimeSpan.FromSeconds(30));

        await PostAsync(network.Urls[0], $"00-{Trace}-{Browser}-01", "from one screen to the other");

        await Waiting.UntilAsync(() => screen.Shown.Any(m => m.Text == "from one screen to the other"), () => $"the follower's screen shows it\n{network.Log}");
        string[] processes = ["accounts", "messages", "notifications", "web-1", "web-2"];
        await Waiting.UntilAsync(
            () => processes.All(p => collector.SpansOf(Trace).Any(s => s.Process == p)), () => $"all have sent their spans:\n{Tell(collector, Trace)}");
        await Waiting.UntilAsync(() => Lost(collector.SpansOf(Trace), Browser).Count == 0, () => $"each span's parent is known:\n{Tell(collector, Trace)}");
        Assert.Equal("web-1", Assert.Single(collector.SpansOf(Trace), s => s.Parent == Browser).Process);
        await ToldAsync(network, wire, "messages", "rpc_server_call_duration_seconds_count", "twite.v1.MessagesService/Post");
        await ToldAsync(network, wire, "messages", "anywire_server_request_size_bytes_sum", "twite.v1.MessagesService/Post");
        await ToldAsync(network, wire, "web-2", "anywire_server_request_size_bytes_sum", "twite.v1.LiveUpdatesService/Push");
    }

    private static async Task ToldAsync(UpNetwork network, string wire, string process, string metric, string method)
    {
        using var http = new HttpClient();
        var told = await http.GetStringAsync(network.MetricsOf(process));
        Assert.Contains(PrometheusText.Read(told, metric), s => s.Method == method && s.Is("anywire_wire", wire) && s.Value != 0);
    }

    private static List<CollectedSpan> Lost(IReadOnlyList<CollectedSpan> spans, string root) =>
        [.. spans.Where(s => s.Parent != root && spans.All(p => p.Id != s.Parent))];

    private static string Tell(Collector collector, string trace) => string.Join('\n', collector.SpansOf(trace));

    private async Task PostAsync(string url, string traceParent, string text)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, url + "/api/v1/statuses");
        request.Content = new FormUrlEncodedContent([new("status", text)]);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", authors.Tokens["ada"]);
        request.Headers.Add("traceparent", traceParent);
        using var reply = await http.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, reply.StatusCode);
    }
}
