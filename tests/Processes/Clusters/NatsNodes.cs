using System.Text.Json;
using Twite.Faults.Network;

namespace Twite.Processes;

/// <summary>Three nodes of NATS.</summary>
internal sealed class NatsNodes(ClusterGuide guide) : BrokerNodes(guide, "jetstream")
{
    /// <inheritdoc/>
    protected override string More => $" -m {Guide.LookPort}";

    /// <inheritdoc/>
    protected override string HowToStart(BrokerNode node) => Guide.Command("nats-server", node.Folder);

    /// <inheritdoc/>
    protected override Task ReplaceWithEmptyAsync(int node)
    {
        Start(node);
        return WaitUntilWholeAsync();
    }

    /// <inheritdoc/>
    public override async Task RequireCopiesAsync()
    {
        using var http = new HttpClient();
        using var streams = JsonDocument.Parse(await http.GetStringAsync(Url("/jsz", node: 1)));
        var copies = streams.RootElement.GetProperty("account_details")[0].GetProperty("stream_detail").EnumerateArray()
            .Select(s => (s.GetProperty("name").GetString(), s.GetProperty("config").GetProperty("num_replicas").GetInt32())).ToList();
        Assert.Contains(("anywire_notifications_events", Count), copies);
        Assert.All(copies, c => Assert.Equal(Count, c.Item2));
    }

    /// <inheritdoc/>
    protected override async Task<string?> ProblemAsync()
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        for (var node = 1; node <= Count; node++)
        {
            var url = Url("/healthz", node);
            try
            {
                using var reply = await http.GetAsync(url);
                if (!reply.IsSuccessStatusCode)
                {
                    return await reply.Content.ReadAsStringAsync();
                }
            }
            catch (Exception error) when (Exchange.IsBroken(error))
            {
                return $"{url}: {error.Message}";
            }
        }
        return null;
    }

    // What curl is asked to fetch.
    private Uri Url(string path, int node) => new(Guide.Command(path, All[node - 1].Folder, node).Split(' ')[^1].Trim('"'));
}
