using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Twite.Faults.Network;

namespace Twite.Languages;

/// <summary>What the server in Python does with strangers and with nonsense: refused with the right status, and it goes on.</summary>
public sealed class PythonServerTests
{
    [Fact]
    public async Task Strangers_and_nonsense_are_refused_and_it_stops_in_order()
    {
        await using var network = new Network();
        await network.MakeKeysAsync();
        await TwiteProgram.RunAsync("keys", "--dir", network.File("foreign"));
        var listen = network.NewAddress();
        var server = network.Start(Python.StartInfo(
            "accounts_service.py", "--certificates", Path.Combine(network.Keys, "accounts"), "--data", network.File("python"), "--listen", listen));
        await server.WaitForAsync("Ctrl-C stops it");
        var url = new Uri($"https://accounts:{listen.Split(':')[1]}");
        var web = Path.Combine(network.Keys, "web");

        await UnheardAsync(url, Tls.Client(web));
        await UnheardAsync(url, Tls.Client(web, certificate: Path.Combine(network.File("foreign"), "web")));
        await UnheardAsync(url, Tls.Client(web, certificate: web, versions: SslProtocols.Tls12));
        using (var http = new HttpClient(Tls.Client(web, certificate: web)) { BaseAddress = url })
        {
            await NonsenseAsync(http);
            await ForgeriesAsync(http);
            Assert.Equal("ready\n", await http.GetStringAsync("/readyz"));
            // A connection without calls does not hold it up, and one that was refused left no trace in its log but a line.
            var started = TimeProvider.System.GetTimestamp();
            Assert.Equal(0, await server.StopAsync());
            Assert.True(TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(9), server.Log);
        }
        Assert.DoesNotContain("Traceback", server.Log);
    }

    [Fact]
    public async Task It_leaves_the_file_of_another_program_alone()
    {
        await using var network = new Network();
        await network.MakeKeysAsync();
        Directory.CreateDirectory(network.File("data"));
        using (var connection = new SqliteConnection($"Data Source={Path.Combine(network.File("data"), "accounts.db")};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "CREATE TABLE accounts (id INTEGER PRIMARY KEY)";
            command.ExecuteNonQuery();
        }
        var refused = await Python.RunAsync(
            "accounts_service.py", "", "--certificates", Path.Combine(network.Keys, "accounts"), "--data", network.File("data"), "--listen", network.NewAddress());
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("was made by another program", refused.Errors);
        Assert.DoesNotContain("Traceback", refused.Errors);
    }

    private static async Task UnheardAsync(Uri url, SocketsHttpHandler connections)
    {
        using var http = new HttpClient(connections) { BaseAddress = url };
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => http.GetAsync("/readyz"));
    }

    private static async Task NonsenseAsync(HttpClient http)
    {
        foreach (var (body, status) in new[]
        {
            (string.Concat(Enumerable.Repeat("[", 10_000)), HttpStatusCode.BadRequest),
            ("{\"token\":" + string.Concat(Enumerable.Repeat("[", 10_000)), HttpStatusCode.BadRequest),
            ("{\"token\":\"\\ud800\"}", HttpStatusCode.BadRequest),
            ("{\"token\":\"a\",\"token\":\"b\"}", HttpStatusCode.BadRequest),
            ("{\"token\":1}", HttpStatusCode.BadRequest),
            ("{\"nonsense\":1}", HttpStatusCode.BadRequest),
            ("[1]", HttpStatusCode.BadRequest),
            ("\"\0", HttpStatusCode.BadRequest),
            ("{}", HttpStatusCode.Unauthorized),
            ($"{{\"token\":\"{new string('x', 100_000)}\"}}", HttpStatusCode.RequestEntityTooLarge),
            (new string(' ', 2_000_000), HttpStatusCode.RequestEntityTooLarge),
        })
        {
            using var answer = await PostAsync(http, "/v1/sessions:verify", body);
            Assert.True(answer.StatusCode == status, $"{answer.StatusCode} to {body[..Math.Min(40, body.Length)]}: {await answer.Content.ReadAsStringAsync()}");
            Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
        }
        using var chunks = new HttpRequestMessage(HttpMethod.Post, "/v1/sessions:verify") { Content = new StringContent("{}", Encoding.UTF8, "application/json") };
        chunks.Headers.TransferEncodingChunked = true;
        Assert.Equal(HttpStatusCode.LengthRequired, (await http.SendAsync(chunks)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync("/nowhere")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await http.GetAsync("/v1/accounts/99999999999999999999")).StatusCode);
        var wrongVerb = await http.DeleteAsync("/v1/accounts");
        Assert.Equal(HttpStatusCode.MethodNotAllowed, wrongVerb.StatusCode);
        Assert.Equal("GET, POST", string.Join(", ", wrongVerb.Content.Headers.Allow));
    }

    private static async Task ForgeriesAsync(HttpClient http)
    {
        using var signedUp = await PostAsync(http, "/v1/accounts", "{\"name\":\"ada\",\"password\":\"correct horse battery\"}");
        using var session = JsonDocument.Parse(await signedUp.Content.ReadAsStringAsync());
        var id = session.RootElement.GetProperty("account").GetProperty("id").GetString();
        using var verified = await PostAsync(http, "/v1/sessions:verify", $"{{\"token\":\"{session.RootElement.GetProperty("token").GetString()}\"}}");
        using var reply = JsonDocument.Parse(await verified.Content.ReadAsStringAsync());
        var real = reply.RootElement.GetProperty("assertion").GetString()!;
        Assert.Equal(HttpStatusCode.OK, (await SessionsAsync(http, real)).StatusCode);

        var parts = real.Split('.');
        using var foreign = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        var claims = Encode($"{{\"sub\":\"{id}\",\"name\":\"ada\",\"iat\":{now},\"exp\":{now + 60}}}");
        foreach (var forged in new[]
        {
            "nonsense", "a.b.c", "..", $"{Encode("{\"alg\":\"none\"}")}.{claims}.", $"{parts[0]}.{claims}.{parts[2]}", $"{parts[0]}.{parts[1]}.{parts[2][..^4]}",
            $"{parts[0]}.{claims}.{System.Buffers.Text.Base64Url.EncodeToString(foreign.SignData(Encoding.ASCII.GetBytes($"{parts[0]}.{claims}"), HashAlgorithmName.SHA256))}",
            $"{Encode("[]")}.{claims}.{parts[2]}",
        })
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await SessionsAsync(http, forged)).StatusCode);
        }
    }

    private static Task<HttpResponseMessage> PostAsync(HttpClient http, string path, string body) =>
        http.PostAsync(path, new StringContent(body, Encoding.UTF8, "application/json"));

    private static Task<HttpResponseMessage> SessionsAsync(HttpClient http, string assertion)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/v1/sessions");
        request.Headers.TryAddWithoutValidation("anywire-user", assertion);
        return http.SendAsync(request);
    }

    private static string Encode(string json) => System.Buffers.Text.Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));
}
