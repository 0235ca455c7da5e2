namespace Twite.Languages;

/// <summary>haproxy before two accounts services that are still to be started, as the guide has it, and the topology of all that calls them through it.</summary>
/// <param name="One">Where the first of them is to listen.</param>
/// <param name="Two">Where the second is.</param>
/// <param name="Messages">Where messages is.</param>
/// <param name="Follows">Where follows is.</param>
/// <param name="Notifications">Where notifications is.</param>
/// <param name="Operators">Where the proxy takes operators' calls.</param>
/// <param name="Url">Where the front end is.</param>
/// <param name="Site">The folder of what operators see.</param>
/// <param name="Oscar">The folder of an operator's certificate.</param>
/// <param name="Program">The running proxy.</param>
internal sealed record AccountsProxy(
    string One, string Two, string Messages, string Follows, string Notifications, string Operators, string Url, string Site, string Oscar, RunningProgram Program)
{
    /// <summary>Makes keys and topology and starts the proxy.</summary>
    /// <param name="network">What it is part of.</param>
    /// <param name="query">What is added to the addresses of accounts.</param>
    public static async Task<AccountsProxy> StartAsync(Network network, string query = "")
    {
        var (one, two, shared, operators, messages) = (network.NewAddress(), network.NewAddress(), network.NewAddress(), network.NewAddress(), network.NewAddress());
        var (follows, notifications, url) = (network.NewAddress(), network.NewAddress(), $"http://{network.NewAddress()}");
        network.WriteTopology(
            ("accounts", $"\"replicas\": [{{ \"listen\": [\"https://{one}{query}\"] }}, {{ \"listen\": [\"https://{two}{query}\"] }}], \"call\": [\"https://{shared}{query}\"]"),
            ("messages", $"\"listen\": [\"https://{messages}\"]"),
            ("follows", $"\"listen\": [\"https://{follows}\"]"), ("notifications", $"\"listen\": [\"https://{notifications}\"]"),
            ("web", $"\"listen\": [\"https://{network.NewAddress()}\"], \"urls\": [\"{url}\"]"));
        await network.MakeKeysAsync("haproxy");
        var site = await Haproxy.IssueAsync(network, "site", "localhost");
        var oscar = await Haproxy.IssueAsync(network, "operators", "oscar");
        var haproxy = Path.Combine(network.Keys, "haproxy");
        var program = await Haproxy.StartAsync(network, "services.cfg", shared,
            ("ACCOUNTS", shared), ("ACCOUNTS_1", one), ("ACCOUNTS_2", two), ("OPERATORS", operators), ("MESSAGES", messages), ("SITE_PEM", Haproxy.Joined(site)),
            ("CLUSTER_CA", Path.Combine(haproxy, "ca.pem")), ("OWN_PEM", Haproxy.Joined(haproxy)), ("OPERATORS_CA", Path.Combine(oscar, "ca.pem")));
        return new AccountsProxy(one, two, messages, follows, notifications, operators, url, site, oscar, program);
    }
}
