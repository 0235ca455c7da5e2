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
    protected override async Task<string?> ProblemAsync()
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        for (var node = 1; node <= Count; node++)
        {
            var url = Guide.Command("healthz", All[node - 1].Folder, node).Split(' ')[^1];
            try
            {
                using var reply = await http.GetAsync(new Uri(url));
                if (!reply.IsSuccessStatusCode)
                {
                    return await reply.Content.ReadAsStringAsync();
                }
            }
            catch (Exception error) when (error is HttpRequestException or TaskCanceledException)
            {
                return $"{url}: {error.Message}";
            }
        }
        return null;
    }
}
