using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Twite.Processes;

namespace Twite.Languages;

/// <summary>Stock haproxy before two front ends, as the guide has it: cookies and streams work, addresses are passed on, one front end may die.</summary>
public sealed class FrontEndsBehindHaproxyTests
{
    private const string Password = "correct horse battery";

    // openssl passwd -5 -salt twite "let me see"
    private const string OperatorsHash = "$5$twite$tHAUctrAvM6t1iKnDBeOv2souV5joUdaM/xE76UvRW7";

    [Fact]
    public async Task Two_front_ends_are_one_site()
    {
        await using var network = new Network();
        var (one, two) = (network.NewAddress(), network.NewAddress());
        network.WriteTopology(
            [.. new[] { "accounts", "messages", "follows", "notifications" }.Select(s => (s, $"\"listen\": [\"https://{network.NewAddress()}\"]")),
            ("web", $"\"replicas\": [{string.Join(", ", new[] { one, two }.Select(u => $"{{ \"listen\": [\"https://{network.NewAddress()}\"], \"urls\": [\"http://{u}\"] }}"))}]")]);
        await network.MakeKeysAsync();
        var site = await Haproxy.IssueAsync(network, "site", "localhost");
        var browsers = network.NewAddress();
        var proxy = await Haproxy.StartAsync(network, "front-ends.cfg", browsers,
            ("BROWSERS", browsers), ("SITE_PEM", Haproxy.Joined(site)), ("WEB_1", one), ("WEB_2", two),
            ("OPERATORS_HASH", OperatorsHash));
        await network.RunAsync("accounts messages follows notifications");
        var first = await network.RunAsync("web-1", "--Web:TrustedProxies:0=127.0.0.1");
        await network.RunAsync("web-2", "--Web:TrustedProxies:0=127.0.0.1");
        var url = "https://localhost:" + browsers.Split(':')[1];
        using var http = new HttpClient(Tls.Client(site)) { BaseAddress = new Uri(url) };
        await Waiting.UntilAsync(async () => (await http.GetAsync("/login")).StatusCode == HttpStatusCode.OK, () => $"the site answers\n{proxy.Log}\n{network.Log}");

        await OperatorsAsync(http);
        using var ada = new Visitor(url, Tls.Client(site));
        var (status, page) = await ada.SubmitAsync("/signup", "/signup", ("Name", "ada"), ("password", Password));
        Assert.True(status == HttpStatusCode.OK, page);
        await StreamAsync(http, ada);
        await AddressesAsync(url, site);
        await FailoverAsync(first, http, ada, network);
    }

    private static async Task OperatorsAsync(HttpClient http)
    {
        foreach (var path in new[] { "/readyz", "/READYZ/", "/%72eadyz", "/healthz" })
        {
            var refused = await http.GetAsync(path);
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
            Assert.Equal("Basic realm=\"Operators\"", refused.Headers.WwwAuthenticate.Single().ToString());
        }
        foreach (var (password, expected) in new[] { ("let me see", HttpStatusCode.OK), ("let me in", HttpStatusCode.Unauthorized) })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/readyz");
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.ASCII.GetBytes("operator:" + password)));
            Assert.Equal(expected, (await http.SendAsync(request)).StatusCode);
        }
    }

    /// <summary>A stream shows a post while it is open: nothing on the way holds it back.</summary>
    private static async Task StreamAsync(HttpClient http, Visitor ada)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var response = await http.GetAsync("/api/v1/streaming/public", HttpCompletionOption.ResponseHeadersRead, patience.Token);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        using var stream = new StreamReader(await response.Content.ReadAsStreamAsync(patience.Token));
        var (status, page) = await ada.SubmitAsync("/compose", "/compose", ("text", "Through the proxy"));
        Assert.True(status == HttpStatusCode.OK, page);
        var read = "";
        while (!read.Contains("Through the proxy", StringComparison.Ordinal))
        {
            read = await stream.ReadLineAsync(patience.Token) ?? throw new InvalidOperationException("The stream ended.");
        }
    }

    /// <summary>Sign-ups are throttled by address. Whoever comes from one is counted as one, whatever a header claims, and others are not.</summary>
    private static async Task AddressesAsync(string url, string site)
    {
        for (var number = 1; number <= 6; number++)
        {
            using var claims = new ClaimingAddress($"203.0.113.{number}", Tls.Client(site, "127.0.0.5"));
            using var visitor = new Visitor(url, claims);
            var (status, page) = await visitor.SubmitAsync("/signup", "/signup", ("Name", $"person{number}"), ("password", Password));
            Assert.True(status == (number <= 5 ? HttpStatusCode.OK : HttpStatusCode.TooManyRequests), $"{number}: {status}\n{page}");
        }
        using var other = new Visitor(url, Tls.Client(site, "127.0.0.6"));
        Assert.Equal(HttpStatusCode.OK, (await other.SubmitAsync("/signup", "/signup", ("Name", "person7"), ("password", Password))).Status);
    }

    /// <summary>kill -9 of one front end while people read: nobody sees an error, and who was logged in still is.</summary>
    private static async Task FailoverAsync(RunningProgram first, HttpClient http, Visitor ada, Network network)
    {
        var (answered, failed, stop) = (0, new ConcurrentQueue<string>(), false);
        var readers = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (!Volatile.Read(ref stop))
            {
                using var reply = await http.GetAsync("/api/v1/timelines/public");
                if (reply.StatusCode == HttpStatusCode.OK)
                {
                    Interlocked.Increment(ref answered);
                }
                else
                {
                    failed.Enqueue($"{(int)reply.StatusCode} {await reply.Content.ReadAsStringAsync()}");
                }
            }
        })).ToList();
        await Waiting.UntilAsync(() => Volatile.Read(ref answered) >= 30, () => $"30 were answered\n{network.Log}");
        await first.KillAsync();
        var before = Volatile.Read(ref answered);
        await Waiting.UntilAsync(() => Volatile.Read(ref answered) >= before + 100, () => $"100 more were answered\n{network.Log}");
        Volatile.Write(ref stop, true);
        await Task.WhenAll(readers);
        Assert.Empty(failed);
        var (status, page) = await ada.SubmitAsync("/compose", "/compose", ("text", "By the other one"));
        Assert.True(status == HttpStatusCode.OK && page.Contains("By the other one", StringComparison.Ordinal), page);
    }

    private sealed class ClaimingAddress(string address, HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.Headers.TryAddWithoutValidation("X-Forwarded-For", address);
            return base.SendAsync(request, cancellationToken);
        }
    }
}
