using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using Anywire.Certificates;
using Twite.Commands;
using Twite.Hosting;

namespace Twite.ProgramTests;

/// <summary>The same network with a gRPC connection and mutual TLS at every boundary: a topology and a folder of certificates are all that
/// changes.</summary>
public sealed class SecuredTests : IDisposable
{
    private static readonly string[] Services = ["accounts", "messages", "follows", "notifications", "web"];

    private readonly CommandLine _twite = new();

    [Fact]
    public async Task A_post_travels_over_gRPC_and_is_read_back()
    {
        await _twite.RunWithInputAsync("correct horse battery\n", "admin", "create-account", "alice", "--password-stdin", "--data", _twite.Data);
        var token = (await _twite.RunAsync("admin", "token", "alice", "--data", _twite.Data)).Output.Trim();
        var ports = UnusedPorts.Find(Services.Length + 1).ToList();
        var url = $"http://127.0.0.1:{ports[^1]}";

        using var stop = new CancellationTokenSource();
        using var output = new SignallingWriter("Twite is at");
        using var errors = new StringWriter();
        var running = Task.Run(() => TwiteCommand.RunAsync(
            ["run", "--data", _twite.Data, "--urls", url, "--topology", Topology(ports), "--certificates", Certificates(), "--Logging:LogLevel:Default=Warning"],
            new Terminal(TextReader.Null, TextWriter.Synchronized(output), TextWriter.Synchronized(errors)), stop.Token));
        await Task.WhenAny(output.Seen, running).WaitAsync(TimeSpan.FromMinutes(1));
        Assert.True(output.Seen.IsCompleted, errors.ToString());

        using var http = new HttpClient { BaseAddress = new Uri(url) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var posted = await http.PostAsync("/api/v1/statuses", new FormUrlEncodedContent([new("status", "over the wire")]));
        Assert.Equal(HttpStatusCode.OK, posted.StatusCode);
        Assert.Contains("over the wire", await http.GetStringAsync("/api/v1/timelines/public"));

        await stop.CancelAsync();
        Assert.Equal(ExitCodes.Ok, await running);
    }

    [Fact]
    public async Task A_missing_certificate_is_named()
    {
        var folder = Certificates();
        File.Delete(Path.Combine(folder, "follows.key"));
        var result = await _twite.RunAsync("run", "--data", _twite.Data, "--topology", "grpc", "--certificates", folder);
        Assert.Equal(ExitCodes.Usage, result.ExitCode);
        Assert.Contains("follows.key", result.Errors);
        Assert.False(Directory.Exists(_twite.Data), "Nothing may be touched before everything is known to be there.");
    }

    public void Dispose() => _twite.Dispose();

    private string Topology(IReadOnlyList<int> ports) => _twite.Write(
        "topology.json", $$"""{ "services": { {{string.Join(", ", Services.Select((s, i) => $"\"{s}\": {{ \"listen\": [\"grpcs://127.0.0.1:{ports[i]}\"] }}"))}} } }""");

    private string Certificates()
    {
        var folder = Directory.CreateDirectory(_twite.PathOf("certificates")).FullName;
        using var authority = new TestAuthority();
        foreach (var service in Services)
        {
            var credentials = authority.For(service);
            File.WriteAllText(Path.Combine(folder, "ca.pem"), credentials.Authorities.ExportCertificatePems());
            File.WriteAllText(Path.Combine(folder, service + ".pem"), credentials.Certificate.ExportCertificatePem());
            using var key = credentials.Certificate.GetECDsaPrivateKey()!;
            File.WriteAllText(Path.Combine(folder, service + ".key"), key.ExportPkcs8PrivateKeyPem());
        }
        return folder;
    }

    /// <summary>Says when a line was written.</summary>
    private sealed class SignallingWriter(string awaited) : StringWriter
    {
        private readonly TaskCompletionSource _seen = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Seen => _seen.Task;

        public override void WriteLine(string? value)
        {
            base.WriteLine(value);
            if (value?.StartsWith(awaited, StringComparison.Ordinal) == true)
            {
                _seen.TrySetResult();
            }
        }
    }
}
